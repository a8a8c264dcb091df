// SPDX-License-Identifier: Apache-2.0
//
// When the socket table is looked through beside the tracer, and what is told of it: as often as
// asked, but never for more than half a percent of one core, by the CPU that the last look took;
// who watches for days takes less. One thread.
#pragma once

#include <cstdint>

#include "app/host_facts.h"
#include "events/record.h"
#include "kernel/tracer.h"

namespace tcpwatch {

class SocketSampling {
 public:
  SocketSampling(Tracer& tracer, HostFacts& facts) : sockets_(tracer.sockets()), facts_(facts) {}

  // For the agent: an eighth of a percent (30,000 sockets: every six seconds), and of a table of
  // few sockets, where nothing runs out soon, half of that.
  void look_seldom() { costs_ = {.many = 800, .few = 1600}; }
  // After the counters of the interval. Tells nothing where it is too early, or not possible.
  void sample_if_due(RecordSink& sink, std::uint64_t now);

 private:
  // A look of so long is followed by so many times as long without one.
  struct Costs {
    std::uint64_t many = 200;
    std::uint64_t few = 200;
  };

  SocketSampler::PortRanges port_ranges();
  bool look();
  bool look_inside(const NetnsRef& netns);
  static void tell_flows(RecordSink& sink, std::uint64_t now, const SocketSample& sample);
  static void tell_inbound(RecordSink& sink, std::uint64_t now, const SocketSample& sample);
  static void tell_leaks(RecordSink& sink, std::uint64_t now, const SocketSample& sample);
  void tell_ports(RecordSink& sink, std::uint64_t now, const SocketSample& sample);

  SocketSampler& sockets_;
  HostFacts& facts_;
  Costs costs_;
  std::uint64_t next_ = 0;
  std::uint64_t telling_ = 0;  // CPU that handing on the last sample took, in ns
};

}  // namespace tcpwatch
