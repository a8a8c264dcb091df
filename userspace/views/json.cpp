// SPDX-License-Identifier: Apache-2.0
#include "views/json.h"

#include "base/names.h"
#include "views/fields.h"
#include "views/findings_json.h"
#include "views/json_values.h"

namespace tcpwatch {
namespace {

// Null where nothing watches the signal.
void write_count(JsonWriter& json, const Coverage& coverage, std::string_view signal,
                 std::uint64_t count) {
  if (coverage.of(signal) == Quality::kUnavailable)
    json.null();
  else
    json.number(count);
}

void write_states(JsonWriter& json, const Snapshot& snapshot) {
  json.begin_object();
  for (std::uint32_t state = TW_ESTABLISHED; state < TW_NEW_SYN_RECV; ++state) {
    if (state == TW_CLOSE) continue;
    json.key(state_name(state));
    if (state != TW_TIME_WAIT)
      json.number(static_cast<std::uint64_t>(snapshot.states[state]));
    else if (snapshot.time_wait)
      json.number(*snapshot.time_wait);
    else
      json.null();
  }
  json.end_object();
}

void write_totals(JsonWriter& json, const Snapshot& snapshot, const Coverage& coverage) {
  const Traffic& delta = snapshot.delta;
  json.key("totals").begin_object();
  json.key("accepts").number(delta.accepts);
  json.key("connects").number(delta.connects);
  write_failures(json.key("connect_failures"), delta.failures);
  json.key("closes").number(delta.closes);
  json.key("established").number(static_cast<std::uint64_t>(snapshot.states[TW_ESTABLISHED]));
  json.key("time_wait");
  if (snapshot.time_wait)
    json.number(*snapshot.time_wait);
  else
    json.null();
  json.key("time_wait_of_nobody");  // made before tcpwatch looked, or forgotten
  if (snapshot.sample)
    json.number(snapshot.sample->strangers);
  else
    json.null();
  json.key("overflows").begin_object();
  write_count(json.key("syn"), coverage, "overflow_syn", snapshot.overflows_delta.syn);
  write_count(json.key("ack"), coverage, "overflow_ack", snapshot.overflows_delta.ack);
  json.end_object();
  write_states(json.key("states"), snapshot);
  write_quantiles(json.key("connect_seconds"), delta.connect);
  write_quantiles(json.key("connect_kernel_seconds"), delta.kernel);
  write_quantiles(json.key("accept_wait_seconds"), delta.accept_wait);
  json.end_object();
}

template <typename Row, typename Rows>
void write_rows(JsonWriter& json, std::string_view name, std::span<const Field<Row>> fields,
                const Rows& rows, const Snapshot& snapshot, const Coverage& coverage) {
  json.key(name).begin_array();
  for (const Row& row : rows) write_row(json, fields, row, snapshot, coverage);
  json.end_array();
}

// What the kernel itself counted in each network namespace.
void write_netns(JsonWriter& json, const Snapshot& snapshot) {
  json.key("netns").begin_array();
  for (const Netns& row : snapshot.netns) {
    json.begin_object();
    json.key("netns").number(std::uint64_t{row.inode});
    json.key("time_wait").number(std::uint64_t{row.total.time_wait});
    json.key("active_opens").number(std::uint64_t{row.delta.active_opens});
    json.key("passive_opens").number(std::uint64_t{row.delta.passive_opens});
    json.key("attempt_fails").number(std::uint64_t{row.delta.attempt_fails});
    json.key("listen_overflows").number(std::uint64_t{row.delta.listen_overflows});
    json.key("listen_drops").number(std::uint64_t{row.delta.listen_drops});
    json.key("syn_queue_drops").number(std::uint64_t{row.delta.reqq_full_drop});
    json.key("cookies_sent").number(std::uint64_t{row.delta.cookies_sent});
    json.key("cookies_received").number(std::uint64_t{row.delta.cookies_received});
    json.key("cookies_failed").number(std::uint64_t{row.delta.cookies_failed});
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string view_json(const Snapshot& snapshot, const Findings& findings) {
  const Coverage coverage(snapshot);
  JsonWriter json;
  json.begin_object();
  json.key("schema").string("tcpwatch.view/1");
  write_time(json, snapshot.realtime_ns);
  json.key("interval").number(snapshot.interval);
  json.key("host").string(snapshot.host);
  json.key("kernel").string(snapshot.kernel);
  write_totals(json, snapshot, coverage);
  write_rows(json, "workers", worker_fields(), snapshot.workers, snapshot, coverage);
  write_rows(json, "listeners", listener_fields(), snapshot.listeners, snapshot, coverage);
  write_rows(json, "destinations", destination_fields(), snapshot.destinations, snapshot, coverage);
  write_findings(json.key("findings"), findings);
  write_netns(json, snapshot);
  write_coverage(json.key("coverage"), coverage, snapshot.sample);
  json.key("lost_events").number(snapshot.lost_delta.events);
  json.key("folded").number(snapshot.lost_delta.folded);
  json.key("untracked").number(snapshot.lost_delta.untracked);
  json.end_object();
  return json.take();
}

}  // namespace tcpwatch
