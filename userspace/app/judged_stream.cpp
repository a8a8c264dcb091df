// SPDX-License-Identifier: Apache-2.0
#include "app/judged_stream.h"

#include <variant>

#include "host/process_activity.h"

namespace tcpwatch {

namespace {

constexpr std::size_t kMostChildren = 64;  // of one process

Activity activity_of(ProcessActivity seen, std::uint32_t parent) {
  return {seen.state, std::move(seen.wait_channel), seen.cpu_seconds, parent};
}

}  // namespace

const Findings& judge_live(Judge& judge) {
  for (const std::uint32_t pid : judge.wanted()) {
    const auto seen = read_activity(pid);
    if (!seen) continue;
    judge.add(pid, activity_of(*seen, 0));
    auto children = children_of(pid);
    if (children.size() > kMostChildren) children.resize(kMostChildren);
    for (const std::uint32_t child : children)
      if (const auto its = read_activity(child); its && its->comm == seen->comm)
        judge.add(child, activity_of(*its, pid));
  }
  return judge.judge();
}

void JudgedStream::on_record(const Record& record) {
  model_.on_record(record);
  if (!std::holds_alternative<const tw_tick*>(record)) return;
  snapshot_ = filter_.everything()
                  ? model_.snapshot()
                  : std::make_shared<const Snapshot>(filtered(*model_.snapshot(), filter_));
  judge_.add(snapshot_);
  if (looks_ == Looks::kLive)
    judge_live(judge_);
  else
    judge_.judge();
}

}  // namespace tcpwatch
