// SPDX-License-Identifier: Apache-2.0
//
// Where no hook counts refused SYNs: which of a listener's drops were overflows.
#include <algorithm>
#include <map>

#include "model/listeners.h"

namespace tcpwatch {

// What the drops of a namespace that were no overflow come to, shared out to its listeners in
// proportion to their unexplained drops; what rounding leaves goes to the first with room.
struct Listeners::Shares {
  std::uint64_t others = 0;
  std::uint64_t unexplained = 0;
  std::uint64_t left = 0;
  std::uint64_t acks = 0;
  std::size_t rising = 0;
  bool known = false;

  std::uint64_t of(std::uint64_t drops) {
    if (unexplained == 0) return 0;
    const auto exact =
        static_cast<double>(drops) * static_cast<double>(others) / static_cast<double>(unexplained);
    // Rounded up, so that nothing is left at the end.
    auto share = std::min({static_cast<std::uint64_t>(exact + 0.999999), drops, left});
    left -= share;
    return share;
  }
};

void Listeners::settle_drops(const Namespaces& namespaces, bool polled, bool acks_seen) {
  std::map<std::uint32_t, Shares> by_netns;
  const std::vector<Row*> rows = all();
  for (const Row* row : rows) {
    Shares& shares = by_netns[row->now.address.netns];
    const std::uint64_t unexplained = row->overflows.unexplained(polled);
    shares.unexplained += unexplained;
    shares.acks += row->overflows.acks();
    shares.rising += unexplained > 0;
  }
  for (auto& [inode, shares] : by_netns) {
    const auto all = namespaces.overflows(inode);
    shares.known = all.has_value();
    const std::uint64_t syn = all.value_or(shares.acks + shares.unexplained) -
                              std::min(all.value_or(shares.acks), shares.acks);
    shares.others = shares.left = shares.unexplained - std::min(syn, shares.unexplained);
  }
  for (Row* row : rows) {
    Shares& shares = by_netns[row->now.address.netns];
    const std::uint64_t others = polled ? shares.of(row->overflows.unexplained(polled)) : 0;
    const bool apart = shares.known && (shares.others == 0 || shares.rising <= 1);
    row->overflows.settle(polled, others, apart && acks_seen, row->out);
  }
}

}  // namespace tcpwatch
