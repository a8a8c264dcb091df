// SPDX-License-Identifier: Apache-2.0
#include "model/listeners.h"

#include <algorithm>
#include <tuple>

#include "base/address.h"
#include "base/fixed_text.h"
#include "base/worker.h"

namespace tcpwatch {
namespace {

// The port may be filled in later: listen() without bind() gets it after the first look.
bool same_socket(const tw_listener& a, const tw_listener& b) {
  return a.sk == b.sk && a.owner == b.owner && a.address.netns == b.address.netns &&
         b.children >= a.children && b.overflows_syn >= a.overflows_syn &&
         b.overflows_ack >= a.overflows_ack;
}

// Handshakes that were queued, less those still queued: what accept() has handed out.
std::uint64_t accepts_of(const tw_listener& listener) {
  const std::uint64_t queued = listener.children + listener.queue_at_start;
  const std::uint64_t waiting = listener.aborted + listener.queue_now;
  return queued > waiting ? queued - waiting : 0;
}

}  // namespace

void Listeners::part(Rows::iterator place) {
  // More than fit a table in one interval is a hostile stream: these are not shown any more.
  if (leaving_.size() < limits_.listener_slots) {
    place->second.out.closed = true;
    place->second.gone = leaving_.size() + 1;
    leaving_.push_back(std::move(place->second));
  }
  rows_.erase(place);
}

Listeners::Row& Listeners::row_in(const tw_listener_record& record) {
  const auto place = rows_.find(record.slot);
  if (place != rows_.end()) {
    if (same_socket(place->second.now, record.listener)) return place->second;
    part(place);
  }
  Row& row = rows_[record.slot];
  row.slot = record.slot;
  row.out.comm = text_of(record.listener.comm);
  return row;
}

bool Listeners::on_listener(const tw_listener_record& record) {
  if (record.slot >= limits_.listener_slots) return false;
  Row& row = row_in(record);
  const tw_listener& now = record.listener;
  row.now = now;
  row.overflows.on_listener(now);
  Listener& out = row.out;
  out.queue_now = now.queue_now;
  out.queue_peak = std::max(out.queue_peak, now.queue_peak);
  out.queue_limit = now.queue_limit;
  out.somaxconn = record.somaxconn;
  out.syn_queue = now.syn_queue;
  out.closed = now.closed != 0;
  // listen() cuts what is asked for to somaxconn: a lower limit is what was asked.
  out.listen_backlog =
      now.queue_limit < record.somaxconn ? std::optional(now.queue_limit) : std::nullopt;
  return true;
}

void Listeners::on_gone(const tw_gone& record) {
  const auto place = rows_.find(record.slot);
  if (place != rows_.end()) part(place);
}

std::vector<Listeners::Row*> Listeners::all() {
  std::vector<Row*> rows;
  for (auto& [slot, row] : rows_) rows.push_back(&row);
  for (Row& row : leaving_) rows.push_back(&row);
  std::ranges::sort(rows, [](const Row* a, const Row* b) {
    const EndpointLess less;
    if (less(a->now.address, b->now.address)) return true;
    if (less(b->now.address, a->now.address)) return false;
    // Of a slot that was given away and taken again, the new listener first.
    return std::tie(a->slot, a->gone, a->now.sk) < std::tie(b->slot, b->gone, b->now.sk);
  });
  return rows;
}

// Kernel addresses tell groups apart; people and captures get small numbers.
std::uint64_t Listeners::group_number(std::uint64_t identity) {
  const auto [place, fresh] = groups_.emplace(identity, last_group_ + 1);
  if (fresh) ++last_group_;
  return place->second;
}

// Whoever accepts from the address shares the listener, unless it has one of its own there.
void Listeners::name_owners(Row& row, const ListeningRow* acceptors) {
  auto& pids = row.out.owners;
  pids.clear();
  if (row.now.owner != 0) pids.push_back(worker_pid(row.now.owner));
  if (!acceptors) return;
  const auto& listening = owners_[row.now.address];
  for (const auto& [worker, acceptor] : acceptors->acceptors)
    if (worker != 0 && !listening.contains(worker)) pids.push_back(worker_pid(worker));
}

void Listeners::settle_row(Row& row, const ListeningAddresses& addresses) {
  Listener& out = row.out;
  out.queue_peak = std::max(out.queue_peak, out.queue_now);
  out.address = format_endpoint(row.now.address);
  out.port = row.now.address.port;
  out.netns = row.now.address.netns;
  out.reuseport_group =
      row.now.reuseport != 0 ? std::optional(group_number(row.now.reuseport)) : std::nullopt;
  const std::uint64_t accepts = std::max(out.accepts_total, accepts_of(row.now));
  out.accepts_delta = accepts - out.accepts_total;
  out.accepts_total = accepts;
  const auto acceptors = addresses.find(row.now.address);
  const ListeningRow* found = acceptors == addresses.end() ? nullptr : &acceptors->second;
  out.accept_wait_delta = found ? found->wait_delta : Histogram{};
  out.sockets = found ? found->sampled.shown() : std::nullopt;
  name_owners(row, found);
}

void Listeners::settle(Snapshot& snapshot, const ListeningAddresses& addresses,
                       const Namespaces& namespaces, bool polled, bool acks_seen) {
  owners_.clear();
  for (const auto& [slot, row] : rows_) owners_[row.now.address].insert(row.now.owner);
  settle_drops(namespaces, polled, acks_seen);
  std::uint64_t accepts = 0;
  for (Row* row : all()) {
    settle_row(*row, addresses);
    accepts += row->out.accepts_delta;
    snapshot.overflows_delta.syn += row->out.overflows_delta.syn;
    snapshot.overflows_delta.ack += row->out.overflows_delta.ack;
    snapshot.listeners.push_back(row->out);
    row->out.queue_peak = 0;
  }
  // Queues tell of accept() sooner than flows do, and of nobody's; but a listener from before the
  // tracer is not known where no iterator shows it, and then flows alone tell.
  queue_accepts_ += accepts;
  flow_accepts_ += snapshot.delta.accepts;
  const std::uint64_t before = accepts_;
  accepts_ = std::max({accepts_, queue_accepts_, flow_accepts_});
  overflows_.syn += snapshot.overflows_delta.syn;
  overflows_.ack += snapshot.overflows_delta.ack;
  snapshot.delta.accepts = accepts_ - before;
  snapshot.total.accepts = accepts_;
  snapshot.overflows_total = overflows_;
  leaving_.clear();
  std::set<std::uint64_t> in_use;
  for (const auto& [slot, row] : rows_) in_use.insert(row.now.reuseport);
  std::erase_if(groups_, [&](const auto& entry) { return !in_use.contains(entry.first); });
}

}  // namespace tcpwatch
