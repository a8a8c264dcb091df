// SPDX-License-Identifier: Apache-2.0
//
// What a process spends its time with, from the kernel's own view: time in connect()'s port search,
// scheduler state, wait channel. Never from strace. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/rules.h"

namespace tcpwatch {

enum class Occupation {
  kUnknown,
  kStopped,     // by a signal or a debugger
  kConnecting,  // in connect(): the port search, or blocked until the peer answers
  kStarved,     // wants to run, and gets no CPU
  kCpu,         // runs
  kDisk,        // uninterruptible
  kWaiting,     // sleeps; `text` says in what
};

inline constexpr std::string_view kNoWaitChannel =
    "in what it sleeps (/proc/PID/wchan is not readable)";

struct Busy {
  Occupation with = Occupation::kUnknown;
  double share = 0;  // of its time, or of the looks at it
  std::string text;  // "is stopped (state T)"
  std::string source;
  bool vague = false;  // it sleeps; in what could not be read
  // Of one that is starved.
  std::vector<Evidence> evidence;
  std::string next_step;
};

Busy busy_of(const Case& about, std::uint32_t pid);

// What to do about a process that is busy so, or how to see where it is: the kernel's stack of one
// that runs is empty.
std::string what_to_do(const Busy& busy, std::uint32_t pid);

struct BusyGroup {
  Busy busy;
  std::vector<std::uint32_t> pids;  // who does that, the busiest first
};
// What most of them do. Those who do nothing but wait for work do not count, if others do
// something.
BusyGroup busy_of(const Case& about, const std::vector<std::uint32_t>& pids);

}  // namespace tcpwatch
