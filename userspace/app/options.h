// SPDX-License-Identifier: Apache-2.0
//
// The options that mean the same in every command, and how they are told to CLI11. Values only:
// what they do is each command's business.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/tracer.h"
#include "model/filter.h"

namespace CLI {
class App;
}

namespace tcpwatch {

struct Options {
  bool verbose = false;
  bool json = false;
  bool no_color = false;
  std::string interval = "1s";
  std::string duration;  // empty: until Ctrl-C
  std::vector<std::uint32_t> pids;
  std::string comm;
  std::optional<std::uint16_t> port;
  std::string netns = "all";
  std::string cgroup;
  std::vector<std::string> deny;
};

void add_watching_options(CLI::App& command, Options& options);  // --deny, --interval, --duration
void add_deny_option(CLI::App& command, Options& options);
void add_filter_options(CLI::App& command,
                        Options& options);  // --pid, --comm, --port, --netns, --cgroup
void add_output_options(CLI::App& command, Options& options);  // --json, --no-color

// Of a capture (not `live`) nothing is asked of this machine: any pid will do, and a network
// namespace is its number.
Result<Filter> filter_of(const Options& options, bool live = true);
// Above zero; `name` is the option's, for the message.
Result<std::chrono::nanoseconds> positive_duration(const std::string& name,
                                                   const std::string& text);
Result<TracerOptions> tracer_options(const Options& options, std::uint32_t detail);
// Colour: a terminal, no --no-color, no NO_COLOR.
bool use_color(const Options& options);

}  // namespace tcpwatch
