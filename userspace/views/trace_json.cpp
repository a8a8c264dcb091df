// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"
#include "base/fixed_text.h"
#include "base/names.h"
#include "base/worker.h"
#include "views/field_values.h"
#include "views/json_values.h"
#include "views/trace.h"

namespace tcpwatch {
namespace {

constexpr double kNs = 1e-9;

void write_error(JsonWriter& json, std::uint32_t error) {
  json.key("error");
  if (error != 0)
    json.string(error_name(error));
  else
    json.null();
}

// A connect() that found no source port has no local address worth the name.
void write_local(JsonWriter& json, const tw_endpoint& local) {
  json.key("local");
  if (local.port != 0)
    json.string(format_endpoint(local));
  else
    json.null();
}

void write_seconds(JsonWriter& json, std::string_view key, std::uint64_t ns) {
  json.key(key).number(whole_ns(static_cast<double>(ns) * kNs));
}

// 0 stands for not known.
void write_known_seconds(JsonWriter& json, std::string_view key, std::uint64_t ns) {
  if (ns != 0)
    write_seconds(json, key, ns);
  else
    json.key(key).null();
}

void begin(JsonWriter& json, std::string_view event, std::uint64_t realtime_ns, std::uint32_t pid,
           std::string_view comm, std::uint32_t netns) {
  json.begin_object();
  json.key("schema").string("tcpwatch.trace/1");
  write_time(json, realtime_ns);
  json.key("event").string(event);
  json.key("pid");
  if (pid != 0)
    json.number(std::uint64_t{pid});
  else
    json.null();
  json.key("comm").string(comm);
  json.key("netns").number(std::uint64_t{netns});
}

void write(JsonWriter& json, const tw_connect& story, std::uint64_t time) {
  begin(json, "connect", time, worker_pid(story.worker), text_of(story.comm), story.remote.netns);
  write_local(json, story.local);
  json.key("remote").string(format_endpoint(story.remote));
  json.key("outcome").string(trace_outcome(story));
  write_error(json, story.error);
  write_seconds(json, "seconds", story.duration_ns);
  write_known_seconds(json, "kernel_seconds", story.kernel_ns);
  json.end_object();
}

void write(JsonWriter& json, const tw_closed& story, std::uint64_t time) {
  begin(json, "closed", time, worker_pid(story.worker), text_of(story.comm), story.remote.netns);
  json.key("role").string(role_name(story.role));
  write_local(json, story.local);
  json.key("remote").string(format_endpoint(story.remote));
  write_known_seconds(json, "lifetime_seconds", story.lifetime_ns);
  json.key("bytes_in").number(std::uint64_t{story.bytes_in});
  json.key("bytes_out").number(std::uint64_t{story.bytes_out});
  write_known_seconds(json, "srtt_seconds", std::uint64_t{story.srtt_us} * 1000);
  json.key("retransmits").number(std::uint64_t{story.retransmits});
  json.key("last_state").string(state_name(story.last_state));
  write_error(json, story.error);
  json.end_object();
}

void write_listener(JsonWriter& json, const std::string& address, const Overflows& total,
                    std::uint32_t queue_now, std::uint32_t queue_limit) {
  json.key("listener").string(address);
  json.key("overflows").begin_object();
  json.key("syn").number(total.syn);
  json.key("ack").number(total.ack);
  json.end_object();
  json.key("queue").begin_object();
  json.key("now").number(std::uint64_t{queue_now});
  json.key("limit").number(std::uint64_t{queue_limit});
  json.end_object();
}

void write(JsonWriter& json, const tw_drops& story, std::uint64_t time) {
  begin(json, "drops", time, worker_pid(story.owner), text_of(story.comm), story.listener.netns);
  write_listener(json, format_endpoint(story.listener), {story.overflows_syn, story.overflows_ack},
                 story.queue_now, story.queue_limit);
  json.key("polled").null();
  json.end_object();
}

template <typename Story>
std::string written(const Story& story, const WallClock& clock) {
  JsonWriter json;
  write(json, story, clock.at(story.header.time));
  return json.take();
}

}  // namespace

std::optional<std::string> trace_json(const Record& record, const WallClock& clock) {
  if (const auto* const* story = std::get_if<const tw_connect*>(&record))
    return written(**story, clock);
  if (const auto* const* story = std::get_if<const tw_closed*>(&record))
    return written(**story, clock);
  if (const auto* const* story = std::get_if<const tw_drops*>(&record))
    return written(**story, clock);
  return std::nullopt;
}

std::string trace_json(const Listener& dropping, const Snapshot& snapshot) {
  JsonWriter json;
  begin(json, "drops", snapshot.realtime_ns, dropping.owners.empty() ? 0 : dropping.owners.front(),
        dropping.comm, dropping.netns);
  write_listener(json, dropping.address, dropping.overflows_total, dropping.queue_now,
                 dropping.queue_limit);
  json.key("polled").begin_object();
  json.key("syn").number(dropping.overflows_delta.syn);
  json.key("seconds").number(whole_ns(snapshot.interval));
  json.key("exact").boolean(dropping.overflows_exact);
  json.end_object();
  json.end_object();
  return json.take();
}

}  // namespace tcpwatch
