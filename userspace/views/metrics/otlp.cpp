// SPDX-License-Identifier: Apache-2.0
#include "views/metrics/otlp.h"

#include <fmt/format.h>

namespace tcpwatch {
namespace {

constexpr std::int64_t kCumulative = 2;

void write_attribute(JsonWriter& json, std::string_view name, std::string_view value) {
  json.begin_object();
  json.key("key").string(name);
  json.key("value").begin_object();
  json.key("stringValue").string(value);
  json.end_object();
  json.end_object();
}

}  // namespace

// 64-bit numbers are strings in this JSON.
OtlpWriter::OtlpWriter(const OtlpResource& resource)
    : start_(fmt::format("{}", static_cast<std::uint64_t>(resource.start_time * 1e9))),
      now_(fmt::format("{}", resource.realtime_ns)) {
  json_.begin_object();
  json_.key("resourceMetrics").begin_array();
  json_.begin_object();
  json_.key("resource").begin_object();
  json_.key("attributes").begin_array();
  write_attribute(json_, "service.name", "tcpwatch");
  write_attribute(json_, "service.version", resource.version);
  write_attribute(json_, "host.name", resource.host);
  json_.end_array();
  json_.end_object();
  json_.key("scopeMetrics").begin_array();
  json_.begin_object();
  json_.key("scope").begin_object();
  json_.key("name").string("tcpwatch");
  json_.key("version").string(resource.version);
  json_.end_object();
  json_.key("metrics").begin_array();
}

void OtlpWriter::end_family() {
  if (!inside_) return;
  json_.end_array();
  json_.end_object();
  json_.end_object();
}

void OtlpWriter::family(std::string_view name, MetricType type, std::string_view help) {
  end_family();
  inside_ = true;
  type_ = type;
  json_.begin_object();
  // As Prometheus has it: a collector that exports there adds nothing.
  json_.key("name").string(type == MetricType::kCounter ? std::string(name) + "_total"
                                                        : std::string(name));
  json_.key("description").string(help);
  json_
      .key(type == MetricType::kCounter ? "sum"
           : type == MetricType::kGauge ? "gauge"
                                        : "histogram")
      .begin_object();
  if (type != MetricType::kGauge) json_.key("aggregationTemporality").number(kCumulative);
  if (type == MetricType::kCounter) json_.key("isMonotonic").boolean(true);
  json_.key("dataPoints").begin_array();
}

void OtlpWriter::begin_point(std::string_view labels) {
  json_.begin_object();
  json_.key("attributes").begin_array();
  for (const auto& [name, value] : label_pairs(labels)) write_attribute(json_, name, value);
  json_.end_array();
  if (type_ != MetricType::kGauge) json_.key("startTimeUnixNano").string(start_);
  json_.key("timeUnixNano").string(now_);
}

void OtlpWriter::sample(std::string_view labels, std::uint64_t value) {
  begin_point(labels);
  json_.key("asInt").string(std::to_string(value));
  json_.end_object();
}

void OtlpWriter::sample(std::string_view labels, double value) {
  begin_point(labels);
  json_.key("asDouble").number(value);
  json_.end_object();
}

void OtlpWriter::sample(std::string_view labels, const Histogram& histogram) {
  begin_point(labels);
  json_.key("count").string(std::to_string(histogram.count()));
  json_.key("sum").number(histogram.sum());
  json_.key("explicitBounds").begin_array();
  for (std::uint32_t octave = kFirstOctave; octave <= kLastOctave; ++octave)
    json_.number(border_seconds(octave));
  json_.end_array();
  json_.key("bucketCounts").begin_array();
  std::uint64_t before = 0;
  each_border(histogram, [&](std::uint32_t, std::uint64_t below) {
    json_.string(std::to_string(below - before));
    before = below;
  });
  json_.string(std::to_string(histogram.count() - before));
  json_.end_array();
  json_.end_object();
}

std::string OtlpWriter::take() {
  end_family();
  for (int level = 0; level < 2; ++level) {
    json_.end_array();
    json_.end_object();
  }
  json_.end_array();
  json_.end_object();
  return json_.take();
}

}  // namespace tcpwatch
