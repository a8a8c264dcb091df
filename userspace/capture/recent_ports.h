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
  // Before each section: what the one before has told does not count.
  void begin() {
    if (seen_.empty() || newest_ > kMany) {
      seen_.assign(kRecentPorts, {});
      newest_ = 0;
    }
    before_ = newest_;
  }
  // How many new ports ago this one came; nothing: it is to be told as a new one.
  std::optional<std::uint32_t> find(std::uint16_t port) {
    Seen& seen = seen_[port];
    if (seen.at <= before_ || newest_ - seen.at >= (seen.found ? kOften : kRecentPorts))
      return std::nullopt;
    seen.found = 1;
    return newest_ - seen.at;
  }
  void add(std::uint16_t port) { seen_[port] = {++newest_, 0}; }

 private:
  // An ephemeral port is found once, at the other end of its connection, however long that takes.
  // What is found again and again is a listener's, one of several that take turns: its distance
  // grows with each connection, and soon telling it as new is cheaper than so many different ones.
  static constexpr std::uint32_t kOften = 64;
  static constexpr std::uint32_t kMany = 1U << 30;

  struct Seen {
    std::uint32_t at : 31 = 0;  // when the port was new; of this section: above before_
    std::uint32_t found : 1 = 0;
  };
  std::vector<Seen> seen_;
  std::uint32_t before_ = 0;
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
