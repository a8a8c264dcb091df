// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <numeric>

#include "base/human.h"
#include "base/text.h"
#include "views/sockets_fields.h"
#include "views/sockets_list.h"
#include "views/table.h"
#include "views/text_flow.h"

namespace tcpwatch {
namespace {

template <typename Row>
Column heading(const Field<Row>& field) {
  return {.title = std::string(field.title),
          .left = is_text(field.unit),
          .cut = field.unit == Unit::kAddress ? Cut::kMiddle : Cut::kEnd,
          .rank = field.rank,
          .width = field.width,
          .keep = field.keep};
}

// Zeros are what most cells hold: they shall not draw the eye.
Tone tone_of(Tone tone, std::string_view text) {
  return tone == Tone::kNormal && (text == "0" || text == "0%" || text == "-") ? Tone::kDim : tone;
}

// There may be sockets, as the sum below tells, and none of them a row.
std::string_view rows_are(tw_table_by by) {
  switch (by) {
    case TW_BY_PROCESS:
      return "processes";
    case TW_BY_LISTENER:
      return "listeners";
    case TW_BY_DESTINATION:
      return "destinations";
    default:
      return "sockets";
  }
}

template <typename Row>
std::string table(std::span<const Field<Row>> fields, const std::vector<Row>& rows,
                  const SocketsView& view, const SocketsStyle& style) {
  if (rows.empty()) return fmt::format("no {}\n", rows_are(view.by));
  const Snapshot none;  // these fields need no tracer
  const Coverage coverage(none);
  std::vector<Column> columns;
  std::vector<TableRow> lines(rows.size());
  for (const Field<Row>& field : fields) {
    if (field.title.empty() || (field.name == "netns" && view.namespaces <= 1)) continue;
    columns.push_back(heading(field));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string text = sanitize(field_text(field, rows[i], none, coverage));
      const Tone tone = field.tone ? field.tone(rows[i], none) : Tone::kNormal;
      lines[i].cells.push_back({text, tone_of(tone, text)});
    }
  }
  return table_text(columns, lines, style.width, style.palette);
}

std::string list(const SocketsView& view, const SocketsStyle& style) {
  const bool with_netns = view.namespaces > 1;
  std::string text = paint(socket_heading(with_netns), Tone::kTitle, style.palette);
  for (const OneSocket& row : view.sockets) text += socket_line(row, view, with_netns);
  return text;
}

std::string rows_of(const SocketsView& view, const SocketsStyle& style) {
  switch (view.by) {
    case TW_BY_STATE:
      return table(state_row_fields(), view.by_state, view, style);
    case TW_BY_PROCESS:
      return table(process_row_fields(), view.processes, view, style);
    case TW_BY_LISTENER:
      return table(listener_row_fields(), view.listeners, view, style);
    case TW_BY_DESTINATION:
      return table(destination_row_fields(), view.destinations, view, style);
    case TW_BY_SOCKET:
      return list(view, style);
  }
  return "";
}

}  // namespace

std::uint64_t total_of(const StateCounts& states) {
  return std::accumulate(states.begin(), states.end(), std::uint64_t{0});
}

const char* by_name(tw_table_by by) {
  switch (by) {
    case TW_BY_STATE:
      return "state";
    case TW_BY_PROCESS:
      return "process";
    case TW_BY_LISTENER:
      return "listener";
    case TW_BY_DESTINATION:
      return "destination";
    case TW_BY_SOCKET:
      return "socket";
  }
  return "";
}

std::string sockets_text(const SocketsView& view, const SocketsStyle& style) {
  std::string text = rows_of(view, style);
  const std::uint64_t total = total_of(view.states);
  const std::string sum =
      fmt::format("{} socket{} in {} network namespace{}, read in {}", total, total == 1 ? "" : "s",
                  view.namespaces, view.namespaces == 1 ? "" : "s", format_seconds(view.seconds));
  text += paint(sum, Tone::kDim, style.palette) + "\n";
  const Tone tone = view.complete ? Tone::kDim : Tone::kWarning;
  for (const std::string& note : view.notes)
    text += wrapped_text("note: ", sanitize(note), 6, style.width, tone, style.palette);
  return text;
}

}  // namespace tcpwatch
