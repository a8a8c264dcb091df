// SPDX-License-Identifier: Apache-2.0
//
// The hook ladder as data: for each signal the mechanisms that can watch it, best first, and the
// choice among them by trial. Knows no libbpf: a Prober tries, so that a test can play one.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch {

// One way to watch a signal: all its programs must load and attach, or it is refused.
struct Candidate {
  std::string_view mechanism;              // as in --deny: fentry, kprobe, tp_btf, …
  std::string_view target;                 // what is hooked, for people
  std::vector<std::string_view> programs;  // in the BPF object; none: nothing to attach
  bool exact = true;
  std::string_view note;  // what it cannot see, with the bound; empty: nothing
  // Attached later, behind the first program, once the kernel has skipped a run of that
  // (bpf/second_look.h); empty: there is none.
  std::string_view second_look = {};
};

struct Signal {
  std::string_view name;
  std::vector<Candidate> ladder;
};

// The plan of tcpwatch, in the order in which `probe` shows it.
const std::vector<Signal>& hook_plan();

// All mechanisms that --deny takes.
const std::vector<std::string_view>& deniable_mechanisms();

struct Refusal {
  std::string reason;
  std::string remedy;
};

// A candidate as tried: `refusal` says why not, nothing means that it watches.
struct Trial {
  const Signal* signal = nullptr;
  const Candidate* candidate = nullptr;
  std::optional<Refusal> refusal;
};

class Prober {
 public:
  virtual ~Prober() = default;
  // A cheap look at one candidate; what is refused here is not tried.
  virtual std::optional<Refusal> refuse_beforehand(const Candidate& candidate) = 0;
  // Tries one candidate of several signals at once (one load instead of many) and sets refusals.
  virtual void try_all(std::vector<Trial>& trials) = 0;
};

// Walks down every ladder until something holds. Returns all trials in the order of the plan:
// the refused ones of a signal first, then the one chosen, if any.
std::vector<Trial> choose_hooks(const std::vector<Signal>& plan, Prober& prober,
                                const std::set<std::string>& denied);

}  // namespace tcpwatch
