// SPDX-License-Identifier: Apache-2.0
#include "app/judged_stream.h"

#include <variant>

#include "host/process_activity.h"

namespace tcpwatch {

const Findings& judge_live(Judge& judge) {
  for (const std::uint32_t pid : judge.wanted())
    if (const auto seen = read_activity(pid))
      judge.add(pid, Activity{seen->state, seen->wait_channel, seen->cpu_seconds});
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
