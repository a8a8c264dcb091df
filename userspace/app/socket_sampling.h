// SPDX-License-Identifier: Apache-2.0
//
// When the socket table is looked through beside the tracer, and what is told of it: as often as
// asked, but never for more than half a percent of one core, by the CPU that the last look took.
// One thread.
#pragma once

#include <cstdint>

#include "app/host_facts.h"
#include "events/record.h"
#include "kernel/tracer.h"

namespace tcpwatch {

class SocketSampling {
 public:
  SocketSampling(Tracer& tracer, HostFacts& facts) : sockets_(tracer.sockets()), facts_(facts) {}

  // After the counters of the interval. Tells nothing where it is too early, or not possible.
  void sample_if_due(RecordSink& sink, std::uint64_t now);

 private:
  SocketSampler::PortRanges port_ranges();
  bool look();
  bool look_inside(const NetnsRef& netns);
  static void tell_flows(RecordSink& sink, std::uint64_t now, const SocketSample& sample);
  static void tell_inbound(RecordSink& sink, std::uint64_t now, const SocketSample& sample);
  static void tell_leaks(RecordSink& sink, std::uint64_t now, const SocketSample& sample);
  void tell_ports(RecordSink& sink, std::uint64_t now, const SocketSample& sample);

  SocketSampler& sockets_;
  HostFacts& facts_;
  std::uint64_t next_ = 0;
  std::uint64_t telling_ = 0;  // CPU that handing on the last sample took, in ns
};

}  // namespace tcpwatch
