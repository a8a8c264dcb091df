// SPDX-License-Identifier: Apache-2.0
#include "kernel/sweeper.h"

#include <algorithm>

#include "base/clock.h"
#include "kernel/run_program.h"
#include "kernel/skeleton.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kCostsToOne = 200;  // half a percent of one core
constexpr std::uint32_t kListeners = 0;     // enum sweep_pass in bpf/sockets.bpf.c
constexpr std::uint32_t kConnections = 1;

}  // namespace

void Sweeper::run_pass(std::uint32_t pass) {
  tcpwatch_bpf* object = objects_.object_with({"sweep_files", "sweep_files_old"});
  if (!object) return;
  object->bss->sweep_pass = pass;
  for (const bpf_link* link : objects_.links_of("sweep_files"))
    if (!run_iterator(*link)) return;
}

void Sweeper::sweep_all(std::uint64_t now) {
  run_pass(kListeners);
  run_pass(kConnections);
  next_ns_ = now + kSecond;
}

void Sweeper::sweep_if_due(std::uint64_t now) {
  if (now < next_ns_) return;
  const std::uint64_t begin = monotonic_ns();
  run_pass(kConnections);
  const std::uint64_t took = monotonic_ns() - begin;
  next_ns_ = now + std::max(kSecond, kCostsToOne * took);
}

}  // namespace tcpwatch
