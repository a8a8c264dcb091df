// SPDX-License-Identifier: Apache-2.0
//
// tcpwatch as the kernel tests see it: the real tracer, source and model in this process, and
// look-ups in their snapshots. TCPWATCH_TEST_DENY refuses mechanisms, as --deny does.
#pragma once

#include <unistd.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/live_source.h"
#include "kernel/tracer.h"
#include "kernel/workload/outcome.h"
#include "model/model.h"
#include "tcpwatch/bpf_config.h"

namespace tcpwatch::test {

std::set<std::string> denied_by_environment();

class Watch : public RecordSink {
 public:
  explicit Watch(std::uint32_t detail = TW_DETAIL_FAILURES,
                 std::set<std::string> denied = denied_by_environment());
  explicit Watch(const TracerOptions& options);

  // One for all tests that need no tracer of their own: attaching takes seconds on an emulated
  // machine. Stories of earlier tests are forgotten (a namespace's number may come again).
  static Watch& shared();

  // Reads everything there is now and makes a snapshot.
  const Snapshot& look();
  // Until it shows what is expected, or patience ends: a segment that a busy CPU has put off
  // arrives after the call that sent it has returned.
  template <typename Met>
  const Snapshot& look_until(const Met& met) {
    const workload::Deadline end;
    while (look(), !met() && !end.over()) ::usleep(1000);
    return *snapshot_;
  }
  // The chosen row of a signal; null: unavailable.
  const HookChoice* hook(const std::string& signal) const;
  bool exact(const std::string& signal) const;

  const Worker* worker(pid_t pid) const;
  const Listener* listener(const std::string& address, std::uint64_t netns) const;
  std::vector<const Listener*> listeners(std::uint64_t netns) const;
  const Destination* destination(const std::string& address, std::uint64_t netns) const;

  // Stories as they came.
  std::vector<tw_connect> connects;
  std::vector<tw_closed> closes;
  std::vector<tw_drops> drops;
  std::vector<tw_step_record> steps;
  // Only those of one namespace.
  std::vector<tw_closed> closes_in(std::uint64_t netns) const;
  std::vector<tw_connect> connects_in(std::uint64_t netns) const;

  void on_record(const Record& record) override;

 private:
  std::unique_ptr<Tracer> tracer_;
  std::unique_ptr<LiveSource> source_;
  Model model_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace tcpwatch::test
