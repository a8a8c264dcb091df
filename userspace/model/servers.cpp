// SPDX-License-Identifier: Apache-2.0
#include "model/servers.h"

#include "base/address.h"

namespace tcpwatch {
namespace {

tw_nginx difference(const tw_nginx& now, const tw_nginx& before) {
  tw_nginx delta = now;
  delta.accepts -= before.accepts;
  delta.handled -= before.handled;
  delta.requests -= before.requests;
  return delta;
}

}  // namespace

void Servers::on_nginx(const tw_nginx& record) {
  auto place = rows_.find(record.server);
  if (place == rows_.end()) {
    if (rows_.size() >= limits_.servers) return;
    place = rows_.emplace(record.server, Row{record, record}).first;
  }
  Row& row = place->second;
  // It was started anew, and counts from zero.
  if (record.accepts < row.now.accepts || record.handled < row.now.handled ||
      record.requests < row.now.requests)
    row.before = tw_nginx{};
  row.now = record;
}

void Servers::settle(Snapshot& snapshot, std::uint64_t now) {
  for (auto place = rows_.begin(); place != rows_.end();) {
    Row& row = place->second;
    if (now >= row.now.header.time && now - row.now.header.time >= limits_.grace_ns) {
      place = rows_.erase(place);
      continue;
    }
    snapshot.servers.push_back({format_endpoint(place->first), place->first.netns, row.now,
                                difference(row.now, row.before)});
    row.before = row.now;
    ++place;
  }
}

}  // namespace tcpwatch
