// SPDX-License-Identifier: Apache-2.0
//
// The hook plan as records: what was chosen and refused, and how far it can be trusted. Trust is
// lost where a hook stayed silent in the self-test, and where the kernel skipped runs of its
// program (a program is not started inside itself): the hook is told again then, as estimated, with
// the number of all that were skipped. It stays so: a socket whose last step was missed may be
// counted in its state until the kernel gives its address to another.
#pragma once

#include <cstdint>
#include <vector>

#include "events/record.h"
#include "kernel/bpf_objects.h"
#include "kernel/hook_plan.h"
#include "kernel/self_test.h"

namespace tcpwatch {

class HookReport {
 public:
  void set(std::vector<Trial> trials);
  void set_silent(SilentHooks silent) { silent_ = std::move(silent); }

  const std::vector<Trial>& trials() const { return trials_; }
  // The hook that watches a signal; null: none.
  const Trial* chosen(std::string_view signal) const;

  void tell_all(RecordSink& sink, std::uint64_t now) const;
  // Looks for runs that were skipped since the last call, tells their hooks, and has second looks
  // attached behind them. `caught`: steps that such a one took (bpf/second_look.h).
  void check(RecordSink& sink, BpfObjects& objects, std::uint64_t caught, std::uint64_t now);

 private:
  tw_hook record(std::size_t order, std::uint64_t now) const;

  std::vector<Trial> trials_;
  std::vector<std::uint32_t> skipped_;  // runs lost since the start, by place in trials_
  SilentHooks silent_;
};

}  // namespace tcpwatch
