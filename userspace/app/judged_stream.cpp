// SPDX-License-Identifier: Apache-2.0
#include "app/judged_stream.h"

#include <variant>

namespace tcpwatch {

void JudgedStream::on_record(const Record& record) {
  model_.on_record(record);
  if (!std::holds_alternative<const tw_tick*>(record)) return;
  snapshot_ = filter_.everything()
                  ? model_.snapshot()
                  : std::make_shared<const Snapshot>(filtered(*model_.snapshot(), filter_));
  judge_.add(snapshot_);
  judge_.judge();
}

}  // namespace tcpwatch
