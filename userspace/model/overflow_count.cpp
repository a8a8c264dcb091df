// SPDX-License-Identifier: Apache-2.0
#include "model/overflow_count.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tcpwatch {
namespace {

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

void OverflowCount::on_listener(const tw_listener& listener) {
  if (!known_) last_drops_ = listener.drops_at_start;
  known_ = true;
  const std::uint32_t risen = listener.drops - last_drops_;
  if (risen <= std::numeric_limits<std::int32_t>::max()) {  // else it fell: read too early
    now_.drops += risen;
    last_drops_ = listener.drops;
  }
  now_.syn = std::max<std::uint64_t>(now_.syn, listener.overflows_syn);
  now_.ack = std::max<std::uint64_t>(now_.ack, listener.overflows_ack);
}

// From the totals, not from the increments: what one reading saw too early, the next one mends.
std::uint64_t OverflowCount::unexplained(bool polled) const {
  return less(less(now_.drops, now_.ack + (polled ? 0 : now_.syn)), settled_);
}

void OverflowCount::settle(bool polled, std::uint64_t syn, std::uint64_t others, Listener& out) {
  const Overflows before = out.overflows_total;
  out.overflows_total.syn = std::max(before.syn, syn);
  out.overflows_total.ack = std::max(before.ack, now_.ack);
  out.overflows_delta = {out.overflows_total.syn - before.syn,
                         out.overflows_total.ack - before.ack};
  out.other_drops_delta = others;
  settled_ += unexplained(polled);
  before_ = now_;
}

void OverflowCount::settle_polled(std::uint64_t refused, bool exact, Listener& out) {
  const std::uint64_t fresh = unexplained(true);
  const std::uint64_t others = less(open(true), refused);
  out.overflows_exact = exact || (fresh == 0 && refused == 0);
  // What was open before and still is no overflow has been shown as such already.
  const std::uint64_t shown = std::exchange(recent_, std::min(others, fresh));
  settle(true, out.overflows_total.syn + refused, less(others, shown), out);
}

void OverflowCount::settle_hooked(Listener& out) {
  out.overflows_exact = true;
  recent_ = 0;
  settle(false, now_.syn, unexplained(false), out);
}

}  // namespace tcpwatch
