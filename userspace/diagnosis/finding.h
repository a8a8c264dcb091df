// SPDX-License-Identifier: Apache-2.0
//
// A finding: what is wrong, for whom, since when, on what evidence, and what to do about it. Plain
// data, made by the rules, shown by doctor, top and the agent alike. Ids are those of the contract.
// Times are wall clock nanoseconds, confidence lies in 0..1.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch {

enum class Severity : std::uint8_t { kInfo, kWarning, kCritical };

std::string_view severity_name(Severity severity);  // info, warning, critical

// Whom it concerns; what does not apply is empty or 0.
struct Subject {
  std::uint32_t pid = 0;
  std::string comm;
  std::string listener;
  std::string destination;
  std::uint32_t netns = 0;

  auto operator<=>(const Subject&) const = default;
};

struct Evidence {
  std::string name;
  double value = 0;
  std::string unit;    // "1", "1/s", "s", "share"
  std::string source;  // where the number was read
};

// Another finding, that explains this one.
struct Cause {
  std::string_view id;
  Subject subject;
};

struct Finding {
  std::string_view id;
  Severity severity = Severity::kInfo;
  double confidence = 1;
  std::string summary;              // one sentence with the leading numbers
  Subject subject;                  // pid: the leading process
  std::vector<std::uint32_t> pids;  // all that are concerned, the leading one first
  std::vector<Evidence> evidence;
  std::optional<Cause> cause;
  std::string next_step;       // the one safe step, a command where there is one
  std::string do_not;          // the tempting mistake; may be empty
  std::string unseen;          // what could not be seen and lowered the confidence
  double lasted = 0;           // seconds, as far as the window reaches
  std::uint64_t since_ns = 0;  // wall clock; set by the judge
};

using Findings = std::vector<Finding>;

// Of the same thing, from one interval to the next: the leading process may change meanwhile.
bool same(const Finding& a, const Finding& b);
std::size_t hash_of(const Finding& finding);  // equal for the same

// Worst first; causes before what they explain.
void sort_worst_first(Findings& findings);

// Of a sorted list: the end of the chain that starts at the worst finding; null where nothing is
// worse than info.
const Finding* root_cause(const Findings& findings);
// What explains it; null: nothing does, or it is not in the list.
const Finding* cause_of(const Findings& findings, const Finding& finding);
// Where its chain ends: itself, if nothing explains it.
const Finding& end_of_chain(const Findings& findings, const Finding& finding);

Severity worst_severity(const Findings& findings);
// healthy, warning, critical
std::string_view verdict_name(const Findings& findings);

}  // namespace tcpwatch
