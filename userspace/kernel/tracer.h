// SPDX-License-Identifier: Apache-2.0
//
// The kernel side in one handle: hooks attached, tables seeded, counters and stories readable as
// records. Used by one thread. Destroying it (or the end of the process) detaches everything.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/record.h"
#include "kernel/bpf_objects.h"
#include "kernel/socket_sampler.h"

namespace tcpwatch {

struct TracerOptions {
  std::uint32_t detail = 0;       // TW_DETAIL_… bits
  std::uint32_t most_closes = 0;  // told by each CPU in a second, about; 0: all
  std::set<std::string> denied;
  const std::vector<Signal>* plan = &hook_plan();  // outlives the tracer
  TableSizes sizes;
  bool self_test = true;
  bool look_again = false;  // from the start, not first when the kernel has skipped a run
};

class Tracer {
 public:
  // Fails when the state changes cannot be watched: nothing is worth showing then.
  static Result<std::unique_ptr<Tracer>> start(const TracerOptions& options);
  ~Tracer();

  // Blocks until the ring buffer is filling, `wake_fd` is readable or the time has come
  // (CLOCK_MONOTONIC ns). True: `wake_fd` woke us.
  bool wait_until(std::uint64_t monotonic_ns, int wake_fd);

  // Hands on the stories that wait in the ring buffer. True: something was there.
  bool drain(RecordSink& sink);

  // Hands on all counters that changed since the last call, and the losses; cleans up.
  void read_counters(RecordSink& sink, std::uint64_t now);

  // The hook plan as records, self-test verdicts included.
  void describe_hooks(RecordSink& sink, std::uint64_t now) const;

  // Looks through the socket table; it knows the flows of the last read_counters().
  SocketSampler& sockets();

  std::vector<RunStatistics> costs() const;

 private:
  struct Parts;
  explicit Tracer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tcpwatch
