// SPDX-License-Identifier: Apache-2.0
#include "views/metrics/exposition.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace tcpwatch {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

const std::array<std::string, kLastOctave + 1>& borders() {
  static const auto texts = [] {
    std::array<std::string, kLastOctave + 1> made;
    for (std::uint32_t octave = kFirstOctave; octave <= kLastOctave; ++octave)
      made[octave] = fmt::format("le=\"{}\"", border_seconds(octave));
    return made;
  }();
  return texts;
}

}  // namespace

void Exposition::family(std::string_view name, MetricType type, std::string_view help) {
  constexpr std::array<std::string_view, 3> kTypes{"counter", "gauge", "histogram"};
  const bool counter = type == MetricType::kCounter;
  name_ = name;
  // OpenMetrics names the family, Prometheus' own format the samples.
  const bool suffixed = counter && dialect_ == Dialect::kPrometheus;
  const std::string_view suffix = suffixed ? "_total" : "";
  const auto to = std::back_inserter(out_);
  fmt::format_to(to, "# HELP {}{} {}\n", name, suffix, help);
  fmt::format_to(to, "# TYPE {}{} {}\n", name, suffix, kTypes[static_cast<std::size_t>(type)]);
  if (counter) name_ += "_total";
}

void Exposition::line(std::string_view suffix, std::string_view labels, std::string_view more,
                      std::string_view value) {
  out_.append(name_).append(suffix);
  if (!labels.empty() || !more.empty()) {
    out_.append("{").append(labels);
    if (!labels.empty() && !more.empty()) out_ += ',';
    out_.append(more).append("}");
  }
  out_.append(" ").append(value).append("\n");
}

void Exposition::sample(std::string_view labels, std::uint64_t value) {
  line("", labels, "", fmt::format_int(value).c_str());
}

void Exposition::sample(std::string_view labels, double value) {
  line("", labels, "", number(value));
}

void Exposition::sample(std::string_view labels, const Histogram& histogram) {
  each_border(histogram, [&](std::uint32_t octave, std::uint64_t below) {
    line("_bucket", labels, borders()[octave], fmt::format_int(below).c_str());
  });
  const fmt::format_int count(histogram.count());
  line("_bucket", labels, "le=\"+Inf\"", count.c_str());
  line("_sum", labels, "", number(histogram.sum()));
  line("_count", labels, "", count.c_str());
}

std::string Exposition::take() {
  if (dialect_ == Dialect::kOpenMetrics) out_ += "# EOF\n";
  return std::move(out_);
}

}  // namespace tcpwatch
