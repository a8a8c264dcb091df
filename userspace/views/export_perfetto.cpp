// SPDX-License-Identifier: Apache-2.0
//
// The JSON trace format that the Perfetto UI opens: https://perfetto.dev/docs (legacy JSON). A
// process there is a worker; microseconds.
#include <fmt/format.h>

#include <algorithm>

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

// Slices of one track must not overlap: a connection has a track of its own, by its local port.
void begin(JsonWriter& json, std::string_view phase, std::string_view name, tw_worker worker,
           std::uint64_t track, std::uint64_t time_ns) {
  json.begin_object();
  json.key("ph").string(phase);
  json.key("name").string(name);
  json.key("pid").number(std::uint64_t{worker_pid(worker)});
  json.key("tid").number(track);
  json.key("ts").number(us(time_ns));
}

struct Teller {
  using Line = std::optional<std::string>;

  Line operator()(const tw_closed* record) const {
    JsonWriter json;
    const std::uint64_t begun =
        record->header.time - std::min<std::uint64_t>(record->lifetime_ns, record->header.time);
    begin(json, "X", format_endpoint(record->remote), record->worker,
          1 + std::uint64_t{record->local.port}, begun);
    json.key("dur").number(us(record->lifetime_ns));
    json.key("args").begin_object();
    json.key("local").string(format_endpoint(record->local));
    json.key("bytes_in").number(std::uint64_t{record->bytes_in});
    json.key("bytes_out").number(std::uint64_t{record->bytes_out});
    json.key("error").string(record->error != 0 ? error_name(record->error) : "");
    json.end_object();
    json.end_object();
    return json.take();
  }
  Line operator()(const tw_connect* record) const {
    JsonWriter json;
    const std::uint64_t begun =
        record->header.time - std::min<std::uint64_t>(record->duration_ns, record->header.time);
    begin(json, "X", "connect " + format_endpoint(record->remote), record->worker,
          1 + std::uint64_t{record->local.port}, begun);
    json.key("dur").number(us(record->duration_ns));
    json.key("args").begin_object();
    json.key("outcome").string(trace_outcome(*record));
    json.end_object();
    json.end_object();
    return json.take();
  }
  Line operator()(const tw_flow_record* record) const {
    if (record->flow.key.worker == 0) return std::nullopt;
    JsonWriter json;
    const bool out = record->flow.key.role == TW_ROLE_OUT;
    begin(json, "C",
          fmt::format("{} {}", out ? "connects to" : "accepts from",
                      format_endpoint(record->flow.key.peer)),
          record->flow.key.worker, 0, record->header.time);
    json.key("args").begin_object();
    json.key("total").number(std::uint64_t{out ? record->flow.attempts : record->flow.accepts});
    json.end_object();
    json.end_object();
    return json.take();
  }
  Line operator()(const tw_process* record) const {
    JsonWriter json;
    begin(json, "M", "process_name", record->worker, 0, 0);
    json.key("args").begin_object();
    json.key("name").string(text_of(record->comm));
    json.end_object();
    json.end_object();
    return json.take();
  }
  template <typename T>
  Line operator()(const T*) const {
    return std::nullopt;
  }
};

}  // namespace

std::optional<std::string> export_perfetto(const Record& record) {
  return std::visit(Teller{}, record);
}

}  // namespace tcpwatch
