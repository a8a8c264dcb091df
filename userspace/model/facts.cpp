// SPDX-License-Identifier: Apache-2.0
#include "model/facts.h"

#include <algorithm>
#include <numeric>

#include "base/fixed_text.h"

namespace tcpwatch {

void Facts::on_host(const tw_host& record) {
  realtime_ns_ = record.realtime_ns;
  host_time_ns_ = record.header.time;
  host_ = text_of(record.hostname);
  kernel_ = text_of(record.kernel);
  version_ = text_of(record.version);
}

void Facts::on_hook(const tw_hook& record) {
  HookChoice choice;
  choice.signal = text_of(record.signal);
  choice.mechanism = text_of(record.mechanism);
  choice.target = text_of(record.target);
  choice.note = text_of(record.note);
  choice.order = record.order;
  choice.skipped = record.skipped;
  choice.chosen = record.chosen != 0;
  choice.exact = record.exact != 0;
  const auto same = std::ranges::find_if(hooks_, [&](const HookChoice& known) {
    return known.signal == choice.signal && known.order == choice.order &&
           known.mechanism == choice.mechanism && known.target == choice.target;
  });
  if (same != hooks_.end())
    *same = std::move(choice);
  else if (hooks_.size() < limits_.hooks)
    hooks_.push_back(std::move(choice));
}

void Facts::on_loss(const tw_loss& record) {
  const std::uint64_t events =
      std::accumulate(std::begin(record.lost), std::end(record.lost), std::uint64_t{0});
  kernel_loss_.events = std::max(kernel_loss_.events, events);
  kernel_loss_.untold = std::max<std::uint64_t>(kernel_loss_.untold, record.untold);
  kernel_loss_.folded = std::max<std::uint64_t>(kernel_loss_.folded, record.folded);
  kernel_loss_.untracked = std::max<std::uint64_t>(kernel_loss_.untracked, record.untracked);
}

void Facts::on_self(const tw_self& record) { own_cpu_ns_ = record.cpu_ns; }

bool Facts::polled(std::string_view signal) const {
  return std::ranges::any_of(hooks_, [&](const HookChoice& hook) {
    return hook.chosen && hook.signal == signal && hook.mechanism == "poll";
  });
}

bool Facts::unwatched(std::string_view signal) const {
  const auto same = [&](const HookChoice& hook) { return hook.signal == signal; };
  return std::ranges::any_of(hooks_, same) &&
         std::ranges::none_of(hooks_,
                              [&](const HookChoice& hook) { return same(hook) && hook.chosen; });
}

void Facts::settle(Snapshot& snapshot, std::uint64_t folded, std::uint64_t now) {
  snapshot.realtime_ns = realtime_ns_ + (now - host_time_ns_);  // may lie before it: wraps well
  snapshot.host = host_;
  snapshot.kernel = kernel_;
  snapshot.version = version_;
  snapshot.hooks = hooks_;
  Loss total = kernel_loss_;
  total.folded += folded;
  snapshot.lost_total = total;
  snapshot.lost_delta = {.events = total.events - shown_loss_.events,
                         .untold = total.untold - shown_loss_.untold,
                         .folded = total.folded - shown_loss_.folded,
                         .untracked = total.untracked - shown_loss_.untracked};
  shown_loss_ = total;
  // What was used before the first tick is the price of the start, not of this interval.
  if (own_cpu_ns_ && shown_cpu_ns_ && *own_cpu_ns_ >= *shown_cpu_ns_)
    snapshot.own_cpu = static_cast<double>(*own_cpu_ns_ - *shown_cpu_ns_) * 1e-9;
  shown_cpu_ns_ = own_cpu_ns_;
}

}  // namespace tcpwatch
