// SPDX-License-Identifier: Apache-2.0
#include "views/field_page.h"

#include <span>
#include <string_view>

#include "views/fields.h"
#include "views/screen/finding_fields.h"
#include "views/sockets_fields.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kIntroduction = R"(# Columns and fields

Made from the table of fields that the screen, `top --batch`, `sockets`, JSON and the report are drawn from: `tcpwatch man
--fields`. Any column may be sorted by (`<` `>` F6) and shown or hidden (`c`). *Shown*: `always`; `room`, if the terminal is wide
enough and a row has a value; `asked`, once chosen with `c`; `JSON`, there only. In JSON counters are the increments of
the interval, and rates are not divided by it. *Signal*: what [probe](probe.md) must have a hook for; where that is estimated, `~` stands
before the figure, where it is unavailable `-` instead of it (null in JSON). No signal: always exact.
)";

// As JSON has it, and what the column makes of it.
std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::kText:
    case Unit::kPath:
    case Unit::kAddress:
      return "text";
    case Unit::kId:
      return "text, first 12 characters";
    case Unit::kNumber:
    case Unit::kCount:
      return "number";
    case Unit::kRate:
      return "per second";
    case Unit::kSeconds:
      return "seconds";
    case Unit::kShare:
      return "percent";
    case Unit::kPids:
      return "pids";
    case Unit::kReasons:
      return "by reason";
    case Unit::kFlag:
      return "yes or no";
  }
  return "";
}

template <typename Row>
std::string_view shown(const Field<Row>& field) {
  if (field.title.empty()) return "JSON";
  return field.rank == 0 ? "always" : field.rank < kOnRequest ? "room" : "asked";
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : "`" + std::string(text) + "`";
}

template <typename Row>
void add(std::string& page, std::string_view title, std::span<const Field<Row>> fields) {
  page += "\n## " + std::string(title) +
          "\n\n| column | JSON | unit | shown | signal | meaning |\n|---|---|---|---|---|---|\n";
  for (const Field<Row>& field : fields) {
    const std::string_view unit = field.meter ? "percent, as a bar" : unit_name(field.unit);
    page += "| " + code(field.title) + " | " + code(field.json) + " | " + std::string(unit) +
            " | " + std::string(shown(field)) + " | " + code(field.signal) + " | " +
            std::string(field.help) + " |\n";
  }
}

}  // namespace

std::string field_page() {
  std::string page(kIntroduction);
  add(page, "top: workers, states", worker_fields());
  add(page, "top: listeners", listener_fields());
  add(page, "top: destinations", destination_fields());
  add(page, "top: findings", finding_fields());
  add(page, "sockets --by state", state_row_fields());
  add(page, "sockets --by process", process_row_fields());
  add(page, "sockets --by listener", listener_row_fields());
  add(page, "sockets --by destination", destination_row_fields());
  return page;
}

}  // namespace tcpwatch
