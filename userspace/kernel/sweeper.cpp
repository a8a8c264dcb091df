// SPDX-License-Identifier: Apache-2.0
#include "kernel/sweeper.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "kernel/skeleton.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint32_t kListeners = 0;  // enum sweep_pass in bpf/sockets.bpf.c
constexpr std::uint32_t kConnections = 1;

}  // namespace

void Sweeper::run_pass(std::uint32_t pass) {
  tcpwatch_bpf* object = objects_.sweeping_object();
  if (!object) return;
  object->bss->sweep_pass = pass;
  for (bpf_link* link : objects_.links_of("sweep_files")) {
    const UniqueFd iterator(bpf_iter_create(bpf_link__fd(link)));
    if (!iterator) return;
    errno = 0;
    // The programs write nothing: reading is what runs them, and one read may cover only a part.
    std::array<char, 256> nothing;
    while (::read(iterator.get(), nothing.data(), nothing.size()) > 0 || errno == EAGAIN) errno = 0;
  }
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
  next_ns_ = now + std::max(kSecond, 100 * took);
}

}  // namespace tcpwatch
