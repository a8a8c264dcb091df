// SPDX-License-Identifier: Apache-2.0
#include "kernel/hook_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/fixed_text.h"
#include "events/make.h"

namespace tcpwatch {
namespace {

std::uint64_t skipped_runs(const Candidate& candidate, const BpfObjects& objects) {
  std::uint64_t skipped = 0;
  for (std::string_view program : candidate.programs) skipped += objects.skipped_runs(program);
  return skipped;
}

// Of what was skipped, what nobody made up for.
std::uint32_t lost_runs(const Candidate& candidate, std::uint64_t skipped, std::uint64_t caught) {
  // Of freed packets nearly none is a drop of ours: their number would say nothing. What a second
  // look may miss there the namespace's ListenOverflows bounds.
  if (candidate.programs.front().starts_with("ack_kfree_skb")) return 0;
  if (!candidate.second_look.empty()) skipped -= std::min(skipped, caught);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(skipped, UINT32_MAX));
}

}  // namespace

void HookReport::set(std::vector<Trial> trials) {
  trials_ = std::move(trials);
  skipped_.assign(trials_.size(), 0);
}

const Trial* HookReport::chosen(std::string_view signal) const {
  const auto found = std::ranges::find_if(
      trials_, [&](const Trial& trial) { return trial.signal->name == signal && !trial.refusal; });
  return found == trials_.end() ? nullptr : &*found;
}

tw_hook HookReport::record(std::size_t order, std::uint64_t now) const {
  const Trial& trial = trials_[order];
  const auto silent = silent_.find(std::string(trial.signal->name));
  const bool heard = silent == silent_.end();
  auto hook = new_record<tw_hook>(now);
  hook.order = static_cast<std::uint16_t>(order);
  hook.chosen = !trial.refusal;
  hook.skipped = skipped_[order];
  hook.exact = hook.chosen && trial.candidate->exact && heard && skipped_[order] == 0;
  set_text(hook.signal, trial.signal->name);
  set_text(hook.mechanism, trial.candidate->mechanism);
  set_text(hook.target, trial.candidate->target);
  if (trial.refusal) {
    const auto& [reason, remedy] = *trial.refusal;
    set_text(hook.note, remedy.empty() ? reason : reason + "; " + remedy);
  } else if (!heard) {
    set_text(hook.note, silent->second);
  } else if (skipped_[order] != 0) {
    set_text(hook.note, fmt::format("the kernel skipped {} runs since the start: at most so many "
                                    "are not counted",
                                    skipped_[order]));
  } else {
    set_text(hook.note, trial.candidate->note);
  }
  return hook;
}

void HookReport::tell_all(RecordSink& sink, std::uint64_t now) const {
  for (std::size_t order = 0; order < trials_.size(); ++order) {
    const tw_hook hook = record(order, now);
    sink.on_record(&hook);
  }
}

void HookReport::check(RecordSink& sink, BpfObjects& objects, std::uint64_t caught,
                       std::uint64_t now) {
  for (std::size_t order = 0; order < trials_.size(); ++order) {
    const Candidate& candidate = *trials_[order].candidate;
    if (trials_[order].refusal || candidate.programs.empty()) continue;
    const std::uint64_t skipped = skipped_runs(candidate, objects);
    if (skipped != 0 && !candidate.second_look.empty()) objects.look_again(candidate.second_look);
    const std::uint32_t lost = lost_runs(candidate, skipped, caught);
    if (lost <= skipped_[order]) continue;
    skipped_[order] = lost;
    const tw_hook hook = record(order, now);
    sink.on_record(&hook);
  }
}

}  // namespace tcpwatch
