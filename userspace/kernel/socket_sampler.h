// SPDX-License-Identifier: Apache-2.0
//
// A look through the socket table beside the tracer (bpf/sample.bpf.c), with the tracer's own table
// of sockets for owners. begin(); look(), in each namespace if that is how it is done; take(). The
// kernel adds up; ages are jiffies. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/result.h"
#include "kernel/bpf_objects.h"
#include "kernel/flow_table.h"
#include "kernel/maker_notes.h"
#include "tcpwatch/socket_sample.h"

namespace tcpwatch {

struct SampledFlow {
  tw_flow_key key;
  tw_flow_sample count;
};

struct SampledLeak {
  tw_flow_key key;
  tw_leak_sample count;
};

struct SampledPorts {
  tw_port_key key;
  tw_port_sample count;
};

struct SocketSample {
  tw_sample_run run{};
  std::vector<SampledFlow> flows;
  std::vector<SampledLeak> leaks;
  std::vector<SampledPorts> ports;
};

class SocketSampler {
 public:
  // The settings of a namespace, by its inode number.
  using PortRanges = std::map<std::uint32_t, tw_port_range>;

  SocketSampler(const BpfObjects& objects, FlowTable& flows) : objects_(objects), flows_(flows) {}

  // After the hooks were chosen.
  Result<> open(const TableSizes& sizes);
  bool available() const { return shared_ != nullptr; }
  // Whether look() sees the calling thread's namespace alone, and not all that share its table.
  bool by_namespace() const { return walk_fd_ < 0; }

  // To be called now and then while nobody looks.
  void keep_up() { makers_.sort_if_many(); }

  void begin(const PortRanges& ranges);
  Result<> look();
  SocketSample take(bool whole);

  // Flow slots that a TIME_WAIT still refers to, as far as it was made before seen_until().
  const std::set<std::uint32_t>& flows_in_use() const { return flows_in_use_; }
  // When the last look began that saw all there was.
  std::uint64_t seen_until() const { return seen_until_; }

 private:
  void tell_ranges(const PortRanges& ranges);
  void take_flows(SocketSample& sample);
  void take_ports(SocketSample& sample);

  const BpfObjects& objects_;
  FlowTable& flows_;
  tcpwatch_bpf* shared_ = nullptr;
  int walk_fd_ = -1;
  MakerNotes makers_;
  MappedArray<tw_flow_sample> samples_;
  std::set<std::uint64_t> tables_;  // of connections, looked through since begin()
  std::set<std::uint32_t> flows_in_use_;
  std::uint64_t began_ns_ = 0;
  std::uint64_t seen_until_ = 0;
};

}  // namespace tcpwatch
