// SPDX-License-Identifier: Apache-2.0
//
// Both ends of a connection on one host have the same ephemeral port: the second end's is told as
// "the port that was new n ports ago". Writer and reader count new ports alike.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tcpwatch {

inline constexpr std::uint32_t kRecentPorts = 65536;

class WrittenPorts {
 public:
  WrittenPorts() : seen_(kRecentPorts) {}

  // How many new ports ago this one came; then it is forgotten: the other end had it.
  std::optional<std::uint32_t> find(std::uint16_t port) {
    const std::uint32_t seen = seen_[port];
    if (seen == 0 || newest_ - seen >= kRecentPorts) return std::nullopt;
    seen_[port] = 0;
    return newest_ - seen;
  }
  void add(std::uint16_t port) { seen_[port] = ++newest_; }

 private:
  std::vector<std::uint32_t> seen_;  // when a port was new, from 1; 0: not
  std::uint32_t newest_ = 0;
};

class ReadPorts {
 public:
  // 0 where there was none so long ago.
  std::uint16_t ago(std::uint32_t distance) const {
    return distance < newest_ && distance < kRecentPorts
               ? ring_[(newest_ - 1 - distance) % kRecentPorts]
               : 0;
  }
  void add(std::uint16_t port) {
    if (ring_.size() < kRecentPorts)
      ring_.push_back(port);
    else
      ring_[newest_ % kRecentPorts] = port;
    ++newest_;
  }

 private:
  std::vector<std::uint16_t> ring_;
  std::uint32_t newest_ = 0;
};

}  // namespace tcpwatch
