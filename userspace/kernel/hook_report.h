// SPDX-License-Identifier: Apache-2.0
//
// The hook plan as records: what was chosen and refused, and how far it can be trusted. Trust is
// lost where a hook stayed silent in the self-test, and where the kernel skipped runs of its
// programs (a program is not started inside itself); such a hook is told again, as estimated, with
// the number.
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
  // Tells the hooks again of which more runs were skipped since the last call. `caught`: steps
  // that a second look took where the first was skipped (bpf/second_look.h).
  void tell_skipped(RecordSink& sink, const BpfObjects& objects, std::uint64_t caught,
                    std::uint64_t now);

 private:
  tw_hook record(std::size_t order, std::uint64_t now) const;

  std::vector<Trial> trials_;
  std::vector<std::uint32_t> skipped_;  // runs, by place in trials_
  SilentHooks silent_;
};

}  // namespace tcpwatch
