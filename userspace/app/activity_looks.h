// SPDX-License-Identifier: Apache-2.0
//
// Whose activity is looked at: of listeners that somebody waits at, or that drop, who listens, who
// has accepted from them, and the children of the former that have its name. Few processes, at
// most so many per tick; none while all is well. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "events/record.h"
#include "host/activity_reader.h"

namespace tcpwatch {

class ActivityLooks {
 public:
  // Listeners come before flows, and flows only when they changed.
  void on_listener(const tw_listener_record& record);
  void on_flow(const tw_flow_record& record);
  void on_gone(const tw_gone& record);

  // Of the listeners since the last call.
  void tell(RecordSink& sink, std::uint64_t now);
  // Of that call: children of who listens and accepts nothing itself. They are to accept.
  const std::vector<std::uint32_t>& deputies() const { return deputies_; }

 private:
  struct Acceptor {
    tw_endpoint address{};
    tw_worker worker = 0;
  };
  std::vector<std::uint32_t> wanted() const;
  bool accepts(std::uint32_t pid) const;
  tw_activity* look(std::uint32_t pid, std::uint64_t now);

  ActivityReader reader_;
  std::vector<Acceptor> acceptors_;                         // by slot of their flow
  std::map<std::uint32_t, std::uint64_t> overflows_;        // so far, by slot of the listener
  std::vector<std::pair<tw_endpoint, tw_worker>> pressed_;  // address and who listens
  std::map<std::uint32_t, tw_activity> looked_;             // by pid, of this call
  std::vector<std::uint32_t> deputies_;
};

}  // namespace tcpwatch
