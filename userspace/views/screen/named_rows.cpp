// SPDX-License-Identifier: Apache-2.0
#include "views/screen/named_rows.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace tcpwatch {

namespace {

// Those at the bottom of things first: whom the others happen to may be many.
std::vector<const FindingLine*> causes_first(std::span<const FindingLine> findings) {
  std::vector<const FindingLine*> order;
  for (const FindingLine& finding : findings)
    if (finding.severity != Severity::kInfo) order.push_back(&finding);
  std::ranges::stable_sort(order, [](const FindingLine* a, const FindingLine* b) {
    return std::tuple(b->severity, !a->because.empty()) <
           std::tuple(a->severity, !b->because.empty());
  });
  return order;
}

}  // namespace

// The first to name a row is the worst that does.
NamedRows::NamedRows(std::span<const FindingLine> findings) {
  std::size_t place = 0;
  for (const FindingLine* named : causes_first(findings)) {
    const FindingLine& finding = *named;
    nobody_ = false;
    const Subject& about = finding.about;
    const Naming leading{place++, finding.severity};
    const Naming concerned{place++, finding.severity};
    if (about.pid != 0) pids_.try_emplace(about.pid, leading);
    for (const std::uint32_t pid : finding.pids) pids_.try_emplace(pid, concerned);
    if (!about.listener.empty()) listeners_.try_emplace({about.netns, about.listener}, leading);
    if (!about.destination.empty())
      destinations_.try_emplace({about.netns, about.destination}, leading);
  }
}

void NamedRows::add_groups(std::span<const Worker* const> workers, Group group) {
  if (pids_.empty()) return;
  for (const Worker* member : workers) {
    const Naming naming = of(*member);
    if (naming.place == Naming::kNobody) continue;
    Naming& worst = groups_[group_of(*member, group)];
    if (naming.place < worst.place) worst = naming;
  }
}

Naming NamedRows::of(const Worker& row) const {
  if (is_group(row)) {
    const auto found = groups_.find(row.comm);
    return found == groups_.end() ? Naming{} : found->second;
  }
  const auto found = pids_.find(row.id.pid);
  return found == pids_.end() ? Naming{} : found->second;
}

Naming NamedRows::at(const Places& places, std::uint32_t netns, std::string_view address) {
  const auto found = places.find({netns, address});
  return found == places.end() ? Naming{} : found->second;
}

}  // namespace tcpwatch
