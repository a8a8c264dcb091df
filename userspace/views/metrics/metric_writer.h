// SPDX-License-Identifier: Apache-2.0
//
// Whoever takes metrics: family by family, the samples of each after its name. Labels come as text
// made by label_text(), which escapes whatever they hold.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/histogram.h"

namespace tcpwatch {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

class MetricWriter {
 public:
  virtual ~MetricWriter() = default;

  // A counter's name is without `_total`; `help` is one line.
  virtual void family(std::string_view name, MetricType type, std::string_view help) = 0;
  // Of the family begun last.
  virtual void sample(std::string_view labels, std::uint64_t value) = 0;
  virtual void sample(std::string_view labels, double value) = 0;
  virtual void sample(std::string_view labels, const Histogram& histogram) = 0;
};

using Label = std::pair<std::string_view, std::string_view>;

// `process="nginx",pid="17"`: valid UTF-8, nothing treacherous. Empty values are left out, as
// Prometheus takes them for absent.
std::string label_text(std::initializer_list<Label> labels);
// And back: names and values.
std::vector<std::pair<std::string, std::string>> label_pairs(std::string_view text);

// Histograms are told at powers of two of a microsecond, where the kernel's have borders too:
// counts are exact. A duration is counted in whole microseconds.
inline constexpr std::uint32_t kFirstOctave = 4;  // 16 us
inline constexpr std::uint32_t kLastOctave = 25;  // 33.6 s
constexpr double border_seconds(std::uint32_t octave) {
  return static_cast<double>(std::uint64_t{1} << octave) * 1e-6;
}
// Calls each(octave, count below it) for all of them.
template <typename Each>
void each_border(const Histogram& histogram, const Each& each) {
  std::uint64_t below = 0;
  auto cell = histogram.cells().begin();
  for (std::uint32_t octave = kFirstOctave; octave <= kLastOctave; ++octave) {
    const std::uint32_t bucket = TW_BUCKETS_PER_OCTAVE * (octave - 1);  // begins at the border
    for (; cell != histogram.cells().end() && cell->bucket < bucket; ++cell) below += cell->count;
    each(octave, below);
  }
}

}  // namespace tcpwatch
