// SPDX-License-Identifier: Apache-2.0
//
// Where no hook counts refused SYNs: which of the listeners' drops were overflows. sk_drops counts
// other drops too (a full SYN queue, a socket filter, a bad checksum); how many overflows there
// were in a namespace its ListenOverflows says, exactly. So with one listener that drops, or with
// nothing but overflows, the result is exact; else they are shared out in proportion, as an
// estimate.
//
// Listeners and namespaces are not read at the same moment: overflows that find no drop yet are
// kept for one interval, and so are drops without an overflow (overflow_count.h).
#include <algorithm>
#include <map>

#include "model/listeners.h"

namespace tcpwatch {

struct Listeners::Polled {
  std::uint64_t open = 0;  // drops to decide on
  std::uint64_t acks = 0;  // overflows that a hook has counted
  std::size_t dropping = 0;
  bool sure = true;
  bool known = false;         // the namespace says how many overflows there were
  std::uint64_t refused = 0;  // SYNs: the open drops that were overflows
  std::uint64_t left = 0;     // of them, not shared out yet

  // Overflows of this interval, less those hooked; `early` more that had found no drop before.
  // Returns those that find none now (negative: hooked, but not in the namespace's figure yet).
  std::int64_t decide(std::optional<Namespaces::QueueOverflows> overflows, std::int64_t early) {
    known = overflows.has_value();
    if (!known) return 0;
    constexpr std::int64_t kMost = std::int64_t{1} << 40;  // of sane figures
    const auto fresh =
        std::clamp(static_cast<std::int64_t>(overflows->count - acks), -kMost, kMost);
    const std::int64_t wanted = fresh + early;
    refused = left = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(wanted, 0)), open);
    const std::int64_t over = wanted - static_cast<std::int64_t>(refused);
    if (overflows->ever) {
      // A new namespace's, which were read after its listeners, or those of an older one's past:
      // no more of them than would be plausible in the time between two readings.
      sure = over <= 0;
      return std::min(over, static_cast<std::int64_t>(open));
    }
    return std::clamp(over, std::min<std::int64_t>(fresh, 0), std::max<std::int64_t>(fresh, 0));
  }

  // In proportion, rounded up, so that nothing is left at the end.
  std::uint64_t share_of(std::uint64_t drops) {
    if (open == 0) return 0;
    const double part =
        static_cast<double>(drops) * static_cast<double>(refused) / static_cast<double>(open);
    const auto share = std::min({static_cast<std::uint64_t>(part + 0.999999), drops, left});
    left -= share;
    return share;
  }

  bool exact() const { return known && sure && (refused == open || dropping <= 1); }
};

void Listeners::settle_polled(const Namespaces& namespaces, bool acks_seen) {
  std::map<std::uint32_t, Polled> by_netns;
  const std::vector<Row*> rows = all();
  for (const Row* row : rows) {
    Polled& polled = by_netns[row->now.address.netns];
    polled.open += row->overflows.open(true);
    polled.acks += row->overflows.acks();
    polled.dropping += row->overflows.unexplained(true) != 0 ? 1 : 0;
  }
  std::map<std::uint32_t, std::int64_t> early;
  for (auto& [inode, polled] : by_netns) {
    const auto before = early_.find(inode);
    const std::int64_t over =
        polled.decide(namespaces.overflows(inode), before == early_.end() ? 0 : before->second);
    if (over != 0) early[inode] = over;
  }
  early_ = std::move(early);
  for (Row* row : rows) {
    Polled& polled = by_netns[row->now.address.netns];
    // Without the namespace's word every drop is taken for an overflow.
    const std::uint64_t refused = polled.known ? polled.share_of(row->overflows.open(true))
                                               : row->overflows.unexplained(true);
    row->overflows.settle_polled(refused, polled.exact() && acks_seen, row->out);
  }
}

void Listeners::settle_drops(const Namespaces& namespaces, bool polled, bool acks_seen) {
  if (polled) return settle_polled(namespaces, acks_seen);
  early_.clear();
  for (Row* row : all()) row->overflows.settle_hooked(row->out);
}

}  // namespace tcpwatch
