// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/human.h"
#include "base/text.h"
#include "views/batch_text.h"
#include "views/evidence_text.h"
#include "views/report.h"
#include "views/screen/gauge.h"
#include "views/text_flow.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kName = 13;
constexpr std::size_t kMostEvidence = 4;

// "2025-11-21 01:45:12"
std::string clock_text(std::uint64_t realtime_ns) {
  std::string time = format_rfc3339(realtime_ns);
  time = time.substr(0, time.find('.'));
  std::ranges::replace(time, 'T', ' ');
  return time;
}

struct Line {
  std::string_view name;
  const Timeline::Series& series;
  bool rate;  // else a level
  bool bad;   // anything but 0 is trouble
};

std::string line_text(const Line& line, const ReportStyle& style) {
  double highest = 0;
  bool known = false;
  for (const auto& value : line.series) {
    known |= value.has_value();
    highest = std::max(highest, value.value_or(0));
  }
  const std::string peak = !known ? "-" : line.rate ? format_rate(highest) : format_count(highest);
  const Tone tone = highest <= 0 ? Tone::kDim : line.bad ? Tone::kBad : Tone::kGood;
  return paint(align_left(line.name, kName), Tone::kTitle, style.palette) + align_right(peak, 9) +
         "  " + paint(sparkline(line.series), tone, style.palette) + "\n";
}

std::string timeline_text(const ReportData& report, const ReportStyle& style) {
  const Timeline& timeline = report.timeline;
  const std::array lines{Line{"accepted", timeline.series(TotalName::kAccepted), true, false},
                         Line{"closed", timeline.series(TotalName::kClosed), true, false},
                         Line{"connects", timeline.series(TotalName::kConnects), true, false},
                         Line{"failures", timeline.series(TotalName::kFailures), true, true},
                         Line{"drops", timeline.series(TotalName::kDrops), true, true},
                         Line{"established", timeline.established(), false, false},
                         Line{"time wait", timeline.time_wait(), false, false}};
  std::string text = paint(fmt::format("TIME LINE    highest  one mark is {}",
                                       format_seconds(timeline.cell_seconds())),
                           Tone::kTitle, style.palette) +
                     "\n";
  for (const Line& line : lines) text += line_text(line, style);
  return text;
}

Tone tone_of(Severity severity) {
  if (severity == Severity::kCritical) return Tone::kBad;
  return severity == Severity::kWarning ? Tone::kWarning : Tone::kNormal;
}

std::string findings_text(const ReportData& report, const ReportStyle& style) {
  std::string text = paint("FINDINGS", Tone::kTitle, style.palette) + "\n";
  if (report.findings.empty()) return text + "none\n";
  for (const FindingSpell& spell : report.findings) {
    const std::string when =
        fmt::format("{} to {}  {:8}  ", clock_text(spell.begin_ns).substr(11),
                    clock_text(spell.end_ns).substr(11), severity_name(spell.finding.severity));
    text +=
        wrapped_text(when, std::string(spell.finding.id) + ": " + sanitize(spell.finding.summary),
                     when.size(), style.width, tone_of(spell.finding.severity), style.palette);
    // Why, once: what explains others, or stands alone, has the evidence.
    const std::string why = spell.finding.cause
                                ? fmt::format("because of {} ({})", spell.finding.cause->id,
                                              subject_text(spell.finding.cause->subject))
                                : evidence_text(spell.finding, kMostEvidence);
    text += wrapped_text(std::string(when.size() + 2, ' '), sanitize(why), when.size() + 2,
                         style.width, Tone::kDim, style.palette);
  }
  return text;
}

std::string title_text(const ReportData& report, const ReportStyle& style) {
  const double seconds = static_cast<double>(report.end_ns - report.begin_ns) * 1e-9;
  std::string text =
      fmt::format("{}   {} to {} UTC ({}, {} intervals)", sanitize(report.summary.host),
                  clock_text(report.begin_ns), clock_text(report.end_ns).substr(11),
                  format_seconds(seconds), report.intervals);
  text = paint(cut(text, style.width), Tone::kTitle, style.palette) + "\n";
  if (!report.clock_note.empty()) text += report.clock_note + "\n";
  for (const std::string& line : report.damage)
    text += paint("! " + sanitize(line), Tone::kBad, style.palette) + "\n";
  return text;
}

struct Compared {
  std::string_view name;
  double before;
  double after;
  std::string (*format)(double);
};

std::string change_text(double before, double after) {
  if (before == after) return "=";
  if (before == 0) return "new";
  if (after == 0) return "gone";
  const double ratio = after / before;
  if (ratio >= 100) return "x" + format_count(ratio);
  return ratio >= 2 || ratio <= 0.5 ? fmt::format("x{:.2g}", ratio)
                                    : fmt::format("{:+.0f}%", (ratio - 1) * 100);
}

std::vector<Compared> compared(const Snapshot& before, const Snapshot& after) {
  const auto rate = [](std::uint64_t count, const Snapshot& snapshot) {
    return snapshot.interval > 0 ? static_cast<double>(count) / snapshot.interval : 0;
  };
  const auto both = [&](std::string_view name, auto count) {
    return Compared{name, rate(count(before), before), rate(count(after), after), format_rate};
  };
  const auto quantile = [&](std::string_view name, const Histogram Traffic::* histogram) {
    return Compared{name, (before.delta.*histogram).quantile(0.99).value_or(0),
                    (after.delta.*histogram).quantile(0.99).value_or(0), format_seconds};
  };
  const auto level = [&](std::string_view name, std::int64_t a, std::int64_t b) {
    return Compared{name, static_cast<double>(a), static_cast<double>(b), format_count};
  };
  return {both("accepted", [](const Snapshot& s) { return s.delta.accepts; }),
          both("closed", [](const Snapshot& s) { return s.delta.closes; }),
          both("connects", [](const Snapshot& s) { return s.delta.connects; }),
          both("failures", [](const Snapshot& s) { return s.delta.connect_failures(); }),
          both("drops",
               [](const Snapshot& s) { return s.overflows_delta.syn + s.overflows_delta.ack; }),
          both("lost events", [](const Snapshot& s) { return s.lost_delta.events; }),
          level("established", before.states[TW_ESTABLISHED], after.states[TW_ESTABLISHED]),
          level("time wait", before.time_wait.value_or(0), after.time_wait.value_or(0)),
          quantile("connect p99", &Traffic::connect),
          quantile("kernel p99", &Traffic::kernel),
          quantile("accept p99", &Traffic::accept_wait)};
}

}  // namespace

std::string report_text(const ReportData& report, const ReportStyle& style) {
  BatchStyle batch;
  batch.width = style.width;
  batch.palette = style.palette;
  return title_text(report, style) + "\n" + timeline_text(report, style) + "\n" +
         findings_text(report, style) + "\n" + batch_text(report.summary, batch);
}

std::string compare_text(const ReportData& before, const ReportData& after,
                         const ReportStyle& style) {
  std::string text = "before  " + title_text(before, style) + "after   " + title_text(after, style);
  text += paint(fmt::format("\n{:13}{:>12}{:>12}  {}", "", "BEFORE", "AFTER", "CHANGE"),
                Tone::kTitle, style.palette) +
          "\n";
  for (const Compared& row : compared(before.summary, after.summary))
    text += align_left(row.name, kName) + align_right(row.format(row.before), 12) +
            align_right(row.format(row.after), 12) + "  " + change_text(row.before, row.after) +
            "\n";
  return text;
}

}  // namespace tcpwatch
