// SPDX-License-Identifier: Apache-2.0
#include "views/json_values.h"

#include "base/clock.h"
#include "views/field_values.h"

namespace tcpwatch {
namespace {

struct Writer {
  JsonWriter& json;

  void operator()(Missing) { json.null(); }
  void operator()(bool value) { json.boolean(value); }
  void operator()(std::uint64_t value) { json.number(value); }
  void operator()(std::int64_t value) { json.number(value); }
  void operator()(double value) { json.number(value); }
  void operator()(const std::string& value) { json.string(value); }
  void operator()(const Pids& pids) {
    json.begin_array();
    for (const std::uint32_t pid : pids) json.number(std::uint64_t{pid});
    json.end_array();
  }
  void operator()(const Counts& counts) {
    json.begin_object();
    for (const auto& [name, count] : counts) json.key(name).number(count);
    json.end_object();
  }
};

}  // namespace

void write_value(JsonWriter& json, const Value& value) { std::visit(Writer{json}, value); }

void write_failures(JsonWriter& json, const Failures& failures) {
  write_value(json, failure_counts(failures));
}

void write_quantiles(JsonWriter& json, const Histogram& histogram) {
  json.begin_object();
  write_value(json.key("p50"), seconds(histogram.quantile(0.5)));
  write_value(json.key("p99"), seconds(histogram.quantile(0.99)));
  write_value(json.key("max"), seconds(histogram.max()));
  json.end_object();
}

void write_time(JsonWriter& json, std::uint64_t realtime_ns) {
  json.key("time").string(format_rfc3339(realtime_ns));
}

}  // namespace tcpwatch
