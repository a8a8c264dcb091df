// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/fixed_text.h"
#include "base/names.h"
#include "base/worker.h"
#include "views/trace.h"

namespace tcpwatch {
namespace {

// What all stories have.
struct Story {
  tw_worker worker = 0;
  std::string_view comm;
  std::uint32_t netns = 0;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  bool failure = false;
};

struct Reader {
  using Result = std::optional<Story>;

  Result operator()(const tw_connect* record) const {
    return Story{record->worker,     text_of(record->comm), record->remote.netns,
                 record->local.port, record->remote.port,   record->reason != TW_REASON_NONE};
  }
  Result operator()(const tw_closed* record) const {
    return Story{record->worker,     text_of(record->comm), record->remote.netns,
                 record->local.port, record->remote.port,   record->error != 0};
  }
  Result operator()(const tw_drops* record) const {
    return Story{
        record->owner, text_of(record->comm), record->listener.netns, record->listener.port, 0,
        true};
  }
  // A step tells no name: with a filter by name there are none.
  Result operator()(const tw_step_record* record) const {
    return Story{record->worker,       {},
                 record->remote.netns, record->local.port,
                 record->remote.port,  record->error != 0};
  }
  template <typename T>
  Result operator()(const T*) const {
    return std::nullopt;
  }
};

}  // namespace

std::string trace_outcome(const tw_connect& story) {
  if (story.reason == TW_REASON_NONE) return "ESTABLISHED";
  const bool named = story.reason < TW_REASON_UNKNOWN || story.error == 0;
  return named ? std::string(reason_name(story.reason)) : error_name(story.error);
}

bool TraceFilter::matches(const Record& record) const {
  const auto story = std::visit(Reader{}, record);
  if (!story) return false;
  return (pids.empty() || pids.contains(worker_pid(story->worker))) &&
         (!comm || story->comm == *comm) &&
         (!port || story->local_port == *port || story->remote_port == *port) &&
         (!netns || story->netns == *netns) && (!failures_only || story->failure) &&
         (!worker || worker(story->worker));
}

bool TraceFilter::matches(const Listener& listener, const Snapshot& snapshot) const {
  const auto owns = [&](std::uint32_t pid) { return std::ranges::count(listener.owners, pid) > 0; };
  const auto wanted = [&](const Worker& row) {
    return owns(row.id.pid) && worker(make_worker(row.id.pid, row.id.start_ticks));
  };
  return (pids.empty() || std::ranges::any_of(pids, owns)) && (!comm || listener.comm == *comm) &&
         (!port || listener.port == *port) && (!netns || listener.netns == *netns) &&
         (!worker || std::ranges::any_of(snapshot.workers, wanted));
}

std::vector<const Listener*> polled_drops(const Snapshot& snapshot) {
  std::vector<const Listener*> dropping;
  if (std::ranges::none_of(snapshot.hooks, [](const HookChoice& hook) {
        return hook.chosen && hook.signal == "overflow_syn" && hook.mechanism == "poll";
      }))
    return dropping;
  for (const Listener& row : snapshot.listeners)
    if (row.overflows_delta.syn != 0) dropping.push_back(&row);
  return dropping;
}

}  // namespace tcpwatch
