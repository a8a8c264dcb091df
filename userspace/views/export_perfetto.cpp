// SPDX-License-Identifier: Apache-2.0
//
// The JSON trace format that the Perfetto UI opens (legacy JSON). A process there is a worker;
// microseconds. Slices of one thread must nest or be apart, so that threads are tracks on which
// nothing overlaps: a worker's accepted connections all have one local port.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/address.h"
#include "base/fixed_text.h"
#include "base/names.h"
#include "base/worker.h"
#include "views/export.h"
#include "views/json_writer.h"
#include "views/trace.h"

namespace tcpwatch {
namespace {

double us(std::uint64_t ns) { return static_cast<double>(ns) / 1000; }

constexpr std::string_view kOfProcess = "process_name";
constexpr std::string_view kOfTrack = "thread_name";

void begin(JsonWriter& json, std::string_view phase, std::string_view name, std::uint32_t pid,
           std::uint64_t track, std::uint64_t time_ns) {
  json.begin_object();
  json.key("ph").string(phase);
  json.key("name").string(name);
  json.key("pid").number(std::uint64_t{pid});
  json.key("tid").number(track);
  json.key("ts").number(us(time_ns));
}

std::string naming(std::string_view of, std::uint32_t pid, std::uint64_t track,
                   std::string_view name) {
  JsonWriter json;
  begin(json, "M", of, pid, track, 0);
  json.key("args").begin_object();
  json.key("name").string(name);
  json.end_object();
  json.end_object();
  return json.take();
}

std::string counter(const PerfettoTrace& trace, const tw_flow_record& record) {
  const bool out = record.flow.key.role == TW_ROLE_OUT;
  JsonWriter json;
  begin(json, "C",
        fmt::format("{} {}", out ? "connects to" : "accepts from",
                    format_endpoint(record.flow.key.peer)),
        worker_pid(record.flow.key.worker), 0, trace.since_begin(record.header.time));
  json.key("args").begin_object();
  json.key("total").number(std::uint64_t{out ? record.flow.attempts : record.flow.accepts});
  json.end_object();
  json.end_object();
  return json.take();
}

void args_of(JsonWriter& json, const tw_closed& record) {
  json.key("local").string(format_endpoint(record.local));
  json.key("lifetime_seconds");
  if (record.lifetime_ns != 0)
    json.number(static_cast<double>(record.lifetime_ns) * 1e-9);
  else
    json.null();  // older than tcpwatch
  json.key("bytes_in").number(std::uint64_t{record.bytes_in});
  json.key("bytes_out").number(std::uint64_t{record.bytes_out});
  json.key("error").string(record.error != 0 ? error_name(record.error) : "");
}

void args_of(JsonWriter& json, const tw_connect& record) {
  json.key("outcome").string(trace_outcome(record));
}

std::string name_of(const tw_closed& record) {
  return (record.role == TW_ROLE_IN ? "from " : "") + format_endpoint(record.remote);
}

std::string name_of(const tw_connect& record) {
  return "connect " + format_endpoint(record.remote);
}

// What began earlier begins with the capture. A nanosecond shorter than it was: readers add begin
// and duration as floating point, and the sum must not pass the begin of the next slice, which may
// be that very moment.
template <typename T>
std::string slice(PerfettoTrace& trace, const T& record, std::uint64_t length) {
  const std::uint64_t end = trace.since_begin(record.header.time);
  const std::uint64_t begun = end - std::min(length, end);
  std::string events;
  const std::uint64_t track = trace.place(record.worker, text_of(record.comm), begun, end, events);
  JsonWriter json;
  begin(json, "X", name_of(record), worker_pid(record.worker), track, begun);
  json.key("dur").number(us(end - begun - (end == begun ? 0 : 1)));
  json.key("args").begin_object();
  args_of(json, record);
  json.end_object();
  json.end_object();
  return events + json.take();
}

struct Teller {
  PerfettoTrace& trace;
  using Events = std::optional<std::string>;

  Events operator()(const tw_closed* record) const {
    return slice(trace, *record, record->lifetime_ns);
  }
  Events operator()(const tw_connect* record) const {
    return slice(trace, *record, record->duration_ns);
  }
  Events operator()(const tw_flow_record* record) const {
    if (record->flow.key.worker == 0) return std::nullopt;
    return counter(trace, *record);
  }
  Events operator()(const tw_process* record) const {
    const std::string_view comm = text_of(record->comm);
    if (comm.empty()) return std::nullopt;  // it had ended before it could be asked
    return naming(kOfProcess, worker_pid(record->worker), 0, comm);
  }
  template <typename T>
  Events operator()(const T*) const {
    return std::nullopt;
  }
};

}  // namespace

std::uint64_t PerfettoTrace::place(tw_worker worker, std::string_view comm, std::uint64_t begin,
                                   std::uint64_t end, std::string& events) {
  const std::uint32_t pid = worker_pid(worker);
  if (workers_.size() >= kWorkers && !workers_.contains(pid)) {
    workers_.clear();
    first_ += most_;
    most_ = 0;
  }
  Tracks& tracks = workers_[pid];
  if (!tracks.named && !comm.empty()) {
    events += naming(kOfProcess, pid, 0, comm) + ",\n";
    tracks.named = true;
  }
  const auto later = tracks.by_end.upper_bound(begin);
  std::uint64_t track = 0;
  if (later != tracks.by_end.begin()) {
    track = std::prev(later)->second;
    tracks.by_end.erase(std::prev(later));
  } else {
    track = first_ + tracks.by_end.size();
    most_ = std::max<std::uint64_t>(most_, tracks.by_end.size() + 1);
    events += naming(kOfTrack, pid, track, "connections") + ",\n";
  }
  tracks.by_end.emplace(end, track);
  return track;
}

std::uint64_t PerfettoTrace::since_begin(std::uint64_t time) const {
  return time - std::min(begin_.value_or(time), time);
}

std::optional<std::string> PerfettoTrace::events(const Record& record) {
  if (!begin_) begin_ = std::visit([](const auto* one) { return one->header.time; }, record);
  return std::visit(Teller{*this}, record);
}

}  // namespace tcpwatch
