// SPDX-License-Identifier: Apache-2.0
//
// The table of rules. A rule is a pure function: it reads the chart and adds what it finds. One
// file per family; docs/findings/ has a page for each id.
#pragma once

#include <array>
#include <string_view>

#include "diagnosis/chart.h"
#include "diagnosis/finding.h"
#include "diagnosis/sight.h"
#include "diagnosis/thresholds.h"

namespace tcpwatch {

struct Case {
  const Chart& chart;
  const Thresholds& limits;
  Sight sight;
};

using Rule = void (*)(const Case&, Findings&);

void find_queue_overflows(const Case& about, Findings& findings);   // accept_queue.cpp
void find_idle_workers(const Case& about, Findings& findings);      // workers.cpp
void find_unequal_groups(const Case& about, Findings& findings);    // groups.cpp
void find_missing_ports(const Case& about, Findings& findings);     // ports.cpp
void find_slow_port_search(const Case& about, Findings& findings);  // ports.cpp
void find_failing_connects(const Case& about, Findings& findings);  // connects.cpp
void find_full_descriptors(const Case& about, Findings& findings);  // descriptors.cpp
void find_rising_levels(const Case& about, Findings& findings);     // levels.cpp
void find_idle_crowds(const Case& about, Findings& findings);       // upstreams.cpp
void find_leaks(const Case& about, Findings& findings);             // leaks.cpp
void find_floods(const Case& about, Findings& findings);            // flood.cpp
void find_storms(const Case& about, Findings& findings);            // storms.cpp
void find_full_servers(const Case& about, Findings& findings);      // slots.cpp
void find_one_cpu_for_all(const Case& about, Findings& findings);   // packets.cpp
void find_full_tracking(const Case& about, Findings& findings);     // packets.cpp
// These look at what the others found: after them.
void find_slow_upstreams(const Case& about, Findings& findings);  // upstreams.cpp
void find_slow_clients(const Case& about, Findings& findings);    // clients.cpp

inline constexpr std::array<Rule, 17> kRules{
    find_queue_overflows,  find_idle_workers,     find_unequal_groups,
    find_missing_ports,    find_slow_port_search, find_failing_connects,
    find_full_descriptors, find_rising_levels,    find_leaks,
    find_floods,           find_idle_crowds,      find_storms,
    find_full_servers,     find_one_cpu_for_all,  find_full_tracking,
    find_slow_upstreams,   find_slow_clients};

}  // namespace tcpwatch
