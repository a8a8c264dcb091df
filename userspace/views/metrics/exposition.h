// SPDX-License-Identifier: Apache-2.0
//
// The text formats of Prometheus: its own and OpenMetrics, which differ in the names of counters
// and in the end mark. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "views/metrics/metric_writer.h"

namespace tcpwatch {

enum class Dialect : std::uint8_t { kPrometheus, kOpenMetrics };

class Exposition : public MetricWriter {
 public:
  // `room` gives its memory, not what it holds.
  explicit Exposition(Dialect dialect, std::string room = {})
      : dialect_(dialect), out_(std::move(room)) {
    out_.clear();
  }

  void family(std::string_view name, MetricType type, std::string_view help) override;
  void sample(std::string_view labels, std::uint64_t value) override;
  void sample(std::string_view labels, double value) override;
  void sample(std::string_view labels, const Histogram& histogram) override;

  std::string take();

 private:
  void line(std::string_view suffix, std::string_view labels, std::string_view more,
            std::string_view value);

  Dialect dialect_;
  std::string out_;
  std::string name_;
};

}  // namespace tcpwatch
