// SPDX-License-Identifier: Apache-2.0
#include "model/namespaces.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tcpwatch {
namespace {

constexpr std::array kCounted = {
    &tw_netns::active_opens,   &tw_netns::passive_opens,    &tw_netns::attempt_fails,
    &tw_netns::estab_resets,   &tw_netns::listen_overflows, &tw_netns::listen_drops,
    &tw_netns::reqq_full_drop, &tw_netns::cookies_sent,     &tw_netns::cookies_received,
    &tw_netns::cookies_failed, &tw_netns::out_no_routes};

bool fell(const tw_netns& before, const tw_netns& now) {
  return std::ranges::any_of(kCounted, [&](auto field) { return now.*field < before.*field; });
}

tw_netns difference(const tw_netns& now, const tw_netns& before) {
  tw_netns delta = now;  // time_wait is no counter: the figure of now
  for (auto field : kCounted) delta.*field = now.*field - before.*field;
  return delta;
}

std::uint64_t gained(std::uint64_t now, std::uint64_t before) {
  return now >= before ? now - before : now;  // the namespace may be another by now
}

std::optional<Conntrack> tracked(const std::optional<tw_conntrack>& now,
                                 const std::optional<tw_conntrack>& before) {
  if (!now || now->max == 0) return std::nullopt;
  return Conntrack{now->count, now->max, gained(now->dropped, before->dropped),
                   gained(now->early_dropped, before->early_dropped)};
}

}  // namespace

void Namespaces::on_netns(const tw_netns& record) {
  auto place = rows_.find(record.netns);
  if (place == rows_.end()) {
    if (rows_.size() >= limits_.namespaces) return;
    place = rows_.emplace(record.netns, Row{}).first;
    place->second.before = record;
  } else {
    place->second.single = false;
    // The inode number may belong to a new namespace by now, which counts from zero.
    if (fell(place->second.now, record)) place->second.before = tw_netns{};
  }
  place->second.now = record;
  place->second.heard = true;
}

void Namespaces::on_conntrack(const tw_conntrack& record) {
  const auto place = rows_.find(record.netns);
  if (place == rows_.end()) return;
  Row& row = place->second;
  if (!row.tracking_before) row.tracking_before = record;
  row.tracking = record;
}

std::optional<Namespaces::QueueOverflows> Namespaces::overflows(std::uint32_t inode) const {
  const auto place = rows_.find(inode);
  if (place == rows_.end() || !place->second.heard) return std::nullopt;
  const Row& row = place->second;
  if (row.single) return QueueOverflows{row.now.listen_overflows, true};
  return QueueOverflows{difference(row.now, row.before).listen_overflows, false};
}

void Namespaces::settle(Snapshot& snapshot, std::uint64_t now) {
  for (auto place = rows_.begin(); place != rows_.end();) {
    Row& row = place->second;
    if (now >= row.now.header.time && now - row.now.header.time >= limits_.grace_ns) {
      place = rows_.erase(place);
      continue;
    }
    snapshot.netns.push_back({place->first, row.now, difference(row.now, row.before),
                              tracked(row.tracking, row.tracking_before)});
    snapshot.time_wait = snapshot.time_wait.value_or(0) + row.now.time_wait;
    row.before = row.now;
    row.heard = false;
    if (row.tracking) row.tracking_before = std::exchange(row.tracking, std::nullopt);
    ++place;
  }
  // Numbers are given out from the lowest free one, and the machine's own namespace is the first
  // that there is: all others have greater ones as long as it lives.
  snapshot.host_netns = rows_.empty() ? 0 : rows_.begin()->first;
}

}  // namespace tcpwatch
