// SPDX-License-Identifier: Apache-2.0
#include "views/page_plots.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <functional>

namespace tcpwatch {
namespace {

// Five digits: nobody sees more of a line, and the page stays small.
double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, 4 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

std::string_view unit_name(Unit unit) {
  if (unit == Unit::kRate) return "rate";
  if (unit == Unit::kSeconds) return "seconds";
  return unit == Unit::kShare ? "share" : "count";
}

using Points = std::vector<std::optional<PageLine::Point>>;

void write_points(JsonWriter& json, std::string_view name, const Points& points,
                  double PageLine::Point::* part) {
  json.key(name).begin_array();
  for (const auto& point : points) {
    if (point)
      json.number(rounded((*point).*part));
    else
      json.null();
  }
  json.end_array();
}

struct Named {
  std::string label;
  const PageLine* line;
};

// A mean of quantiles means nothing: times have none.
void write_chart(JsonWriter& json, std::string_view label, Unit unit,
                 const std::vector<Named>& lines, bool single) {
  json.begin_object();
  json.key("label").string(label);
  json.key("unit").string(unit_name(unit));
  json.key("lines").begin_array();
  for (const auto& [name, line] : lines) {
    json.begin_object();
    json.key("label").string(name);
    json.key("estimated").boolean(line->quality() == Quality::kEstimated);
    write_points(json, "most", line->points(), &PageLine::Point::most);
    if (!single) write_points(json, "least", line->points(), &PageLine::Point::least);
    if (!single && unit != Unit::kSeconds)
      write_points(json, "mean", line->points(), &PageLine::Point::mean);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

struct TotalPlot {
  std::string_view title;
  std::string_view what;  // is plotted, for the note below the title
  std::string_view first;
  std::size_t lines;
  bool only_if_any;  // no plot where nothing of that happened
};

// In the order of PageSeries' totals.
constexpr auto kTotalPlots = std::to_array<TotalPlot>({
    {"Opened and closed", "connections per second", "accepted", 3, false},
    {"Dropped and failed", "per second: drops by full accept queues, connect() calls that failed",
     "dropped", 2, false},
    {"Sockets", "in each state", "established", 4, false},
    {"Fullest accept queue", "the longest against full, which is limit + 1", "fullest", 1, false},
    {"Times", "99th percentile of each interval", "accept_wait", 3, true},
    {"Stories lost", "per second; counts are not affected", "lost", 1, true},
    {"No file descriptor left", "accept4() and socket() refused per second", "no_descriptor", 1,
     true},
});

void begin_plot(JsonWriter& json, std::string_view title, std::string_view what) {
  json.begin_object();
  json.key("title").string(title);
  json.key("what").string(what);
  json.key("charts").begin_array();
}

void end_plot(JsonWriter& json) {
  json.end_array();
  json.end_object();
}

void write_totals(JsonWriter& json, const PageSeries& series) {
  const auto& plotted = series.totals().plotted();
  for (const TotalPlot& plot : kTotalPlots) {
    std::vector<Named> lines;
    bool any = false;
    const Field<Snapshot>* field = nullptr;
    for (std::size_t at = 0; at < plotted.size(); ++at) {
      if (plotted[at].field->name != plot.first) continue;
      field = plotted[at].field;
      for (std::size_t line = at; line < at + plot.lines; ++line) {
        lines.push_back({std::string(plotted[line].label), plotted[line].lines.data()});
        any |= !plotted[line].lines.front().flat_zero();
      }
    }
    if (!field || (plot.only_if_any && !any)) continue;
    begin_plot(json, plot.title, plot.what);
    write_chart(json, "", field->unit, lines, series.intervals_per_point() == 1);
    end_plot(json);
  }
}

template <typename Row>
void write_rows(JsonWriter& json, std::string_view title, std::string_view what,
                const PageRows<Row>& rows, bool single,
                const std::function<std::string(const Row&)>& name) {
  if (rows.chosen().empty()) return;
  begin_plot(json, title, what);
  const auto flat = [](const auto& plotted) {
    return std::ranges::all_of(plotted.lines, &PageLine::flat_zero);
  };
  const bool nothing = std::ranges::all_of(rows.plotted(), flat);
  for (const auto& plotted : rows.plotted()) {
    if (flat(plotted) && !(nothing && &plotted == rows.plotted().data())) continue;
    std::vector<Named> lines;
    for (std::size_t at = 0; at < plotted.lines.size(); ++at) {
      const auto& chosen = rows.chosen()[at];
      const std::string nth = chosen.nth != 0 ? fmt::format(" #{}", chosen.nth + 1) : "";
      lines.push_back({name(*chosen.row) + nth, &plotted.lines[at]});
    }
    write_chart(json, plotted.label, plotted.field->unit, lines, single);
  }
  end_plot(json);
}

}  // namespace

void write_page_plots(JsonWriter& json, const PageSeries& series) {
  const bool single = series.intervals_per_point() == 1;
  const std::string_view what = "those that findings speak of, then the worst";
  json.begin_array();
  write_totals(json, series);
  write_rows<Listener>(
      json, "Listeners", what, series.listeners(), single,
      [](const Listener& row) { return fmt::format("{} {}", row.address, row.comm); });
  write_rows<Destination>(json, "Destinations", what, series.destinations(), single,
                          [](const Destination& row) { return row.address; });
  write_rows<Worker>(json, "Workers", what, series.workers(), single,
                     [](const Worker& row) { return fmt::format("{} {}", row.comm, row.id.pid); });
  json.end_array();
}

}  // namespace tcpwatch
