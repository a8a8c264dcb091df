// SPDX-License-Identifier: Apache-2.0
#include "model/overflow_count.h"

#include <algorithm>
#include <limits>

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

std::uint64_t OverflowCount::unexplained(bool polled) const {
  const std::uint64_t hooked = now_.ack - before_.ack + (polled ? 0 : now_.syn - before_.syn);
  return less(now_.drops - before_.drops, hooked);
}

void OverflowCount::settle(bool polled, std::uint64_t others, bool exact, Listener& out) {
  const Overflows before = out.overflows_total;
  const std::uint64_t unknown = unexplained(polled);
  others_ += others;
  // From the totals, not from the increments: what one reading missed, the next one mends.
  const std::uint64_t syn = polled ? less(now_.drops, now_.ack + others_) : now_.syn;
  out.overflows_total.syn = std::max(before.syn, syn);
  out.overflows_total.ack = std::max(before.ack, now_.ack);
  out.overflows_delta = {out.overflows_total.syn - before.syn,
                         out.overflows_total.ack - before.ack};
  out.other_drops_delta = polled ? others : unknown;
  out.overflows_exact = !polled || exact || unknown == 0;
  before_ = now_;
}

}  // namespace tcpwatch
