// SPDX-License-Identifier: Apache-2.0
//
// The line between the test and one of its processes: whole messages over a local socket pair
// (not TCP: no tracer counts it). An end sees the other's death as end of file.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

#include "kernel/workload/basics.h"
#include "kernel/workload/counts.h"

namespace tcpwatch::workload {

// Numbers sent along: ports, times, how many to make. Absent ones are 0.
using Words = std::array<std::int64_t, 32>;

enum class Say : std::int32_t {
  hello,   // process: I am, in my namespace, under my name; word 0: pid
  told,    // process: a step is done
  done,    // process: all is done, I park
  failed,  // process: could not; text
  go,      // test: next step
};

struct Message {
  Say say = Say::hello;
  Words words{};
  Counts counts{};
  std::array<char, 200> text{};
};

class Channel {
 public:
  Channel() = default;
  explicit Channel(Fd socket) : socket_(std::move(socket)) {}
  static std::pair<Channel, Channel> make();

  int fd() const { return socket_.get(); }
  bool send(const Message& message) const;  // false if the other end is gone
  // Nothing if the other end is gone; throws WorkloadError at the deadline.
  std::optional<Message> receive(const Deadline& deadline) const;
  void close() { socket_.reset(); }

 private:
  Fd socket_;
};

Words words_of(std::initializer_list<std::int64_t> values);

}  // namespace tcpwatch::workload
