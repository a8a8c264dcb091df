// SPDX-License-Identifier: Apache-2.0
//
// What happened in a capture, on one page: a time line, the totals, the workers, listeners and
// destinations that matter, what could not be seen. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/snapshot.h"
#include "views/finding_spells.h"
#include "views/page_series.h"
#include "views/palette.h"
#include "views/timeline.h"

namespace tcpwatch {

struct ReportData {
  std::vector<std::string> files;
  std::string clock_note;      // where several hosts stand side by side
  std::uint64_t begin_ns = 0;  // wall clock
  std::uint64_t end_ns = 0;
  std::uint64_t intervals = 0;
  Snapshot summary;  // of all intervals
  Timeline timeline{0, 0, 0};
  std::vector<FindingSpell> findings;
  std::vector<std::string> damage;   // of the files
  std::optional<PageSeries> series;  // for report_page(); refers to `summary`
};

struct ReportStyle {
  std::size_t width = 100;
  Palette palette = Palette::kPlain;
};

std::string report_text(const ReportData& report, const ReportStyle& style);
std::string report_json(const ReportData& report);
// One HTML document with all that it needs, for any browser, without a network.
std::string report_page(const std::vector<ReportData>& reports);

// The totals of one capture beside those of another: before and after a change.
std::string compare_text(const ReportData& before, const ReportData& after,
                         const ReportStyle& style);
std::string compare_json(const ReportData& before, const ReportData& after);

}  // namespace tcpwatch
