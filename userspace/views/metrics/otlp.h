// SPDX-License-Identifier: Apache-2.0
//
// Metrics as OpenTelemetry's JSON (ExportMetricsServiceRequest): cumulative sums, gauges, explicit
// histograms, for a collector that is pushed to. Pure.
#pragma once

#include <string>

#include "views/json_writer.h"
#include "views/metrics/metric_writer.h"

namespace tcpwatch {

struct OtlpResource {
  std::string host;
  std::string version;
  double start_time = 0;  // of the counters, since the epoch
  std::uint64_t realtime_ns = 0;
};

class OtlpWriter : public MetricWriter {
 public:
  explicit OtlpWriter(const OtlpResource& resource);

  void family(std::string_view name, MetricType type, std::string_view help) override;
  void sample(std::string_view labels, std::uint64_t value) override;
  void sample(std::string_view labels, double value) override;
  void sample(std::string_view labels, const Histogram& histogram) override;

  std::string take();

 private:
  void end_family();
  void begin_point(std::string_view labels);

  JsonWriter json_;
  std::string start_;
  std::string now_;
  MetricType type_ = MetricType::kGauge;
  bool inside_ = false;
};

}  // namespace tcpwatch
