// SPDX-License-Identifier: Apache-2.0
#include "views/screen/finding_fields.h"

#include <array>

#include "views/field_values.h"

namespace tcpwatch {
namespace {

using F = FindingLine;
using S = Snapshot;

Tone heat(const F& row, const S&) {
  return row.severity == F::Severity::kCritical  ? Tone::kBad
         : row.severity == F::Severity::kWarning ? Tone::kWarning
                                                 : Tone::kNormal;
}

// clang-format off
constexpr auto kFields = std::to_array<Field<F>>({
    {.name = "severity", .title = "SEVERITY", .unit = Unit::kText, .help = "how bad it is",
     .rank = 0, .width = 8,
     .value = [](const F& row, const S&) -> Value { return std::string(severity_name(row.severity)); },
     .tone = heat},
    {.name = "id", .title = "FINDING", .unit = Unit::kText, .help = "what it is called",
     .rank = 0, .width = 12, .keep = 26,
     .value = [](const F& row, const S&) -> Value { return row.id; }},
    {.name = "subject", .title = "SUBJECT", .unit = Unit::kText, .help = "who is concerned",
     .rank = 1, .width = 8, .keep = 16,
     .value = [](const F& row, const S&) -> Value { return optional_text(row.subject); }},
    {.name = "lasted", .title = "FOR", .unit = Unit::kSeconds, .help = "how long, as far as seen",
     .rank = 2, .value = [](const F& row, const S&) -> Value { return row.lasted; }},
    {.name = "confidence", .title = "SURE", .unit = Unit::kShare, .help = "how sure it is",
     .rank = 7, .value = [](const F& row, const S&) -> Value { return row.confidence; }},
    {.name = "because", .title = "BECAUSE", .unit = Unit::kText, .help = "findings that explain it",
     .rank = 4, .width = 8, .keep = 26,
     .value = [](const F& row, const S&) -> Value { return optional_text(row.because); }},
    {.name = "summary", .title = "SUMMARY", .unit = Unit::kText, .help = "what is wrong",
     .rank = 0, .width = 20,
     .value = [](const F& row, const S&) -> Value { return row.summary; }},
    {.name = "next_step", .title = "NEXT STEP", .unit = Unit::kText, .help = "what to do",
     .rank = 5, .width = 20,
     .value = [](const F& row, const S&) -> Value { return optional_text(row.next_step); }},
    {.name = "do_not", .title = "BUT", .unit = Unit::kText, .help = "the tempting mistake",
     .rank = kOnRequest, .width = 20,
     .value = [](const F& row, const S&) -> Value { return optional_text(row.do_not); }},
    {.name = "evidence", .title = "EVIDENCE", .unit = Unit::kText, .help = "what shows it",
     .rank = 6, .width = 20,
     .value = [](const F& row, const S&) -> Value { return optional_text(row.evidence); }},
});
// clang-format on

}  // namespace

std::span<const Field<FindingLine>> finding_fields() { return kFields; }

}  // namespace tcpwatch
