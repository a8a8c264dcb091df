// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <algorithm>
#include <limits>
#include <variant>

namespace tcpwatch {
namespace {

constexpr double kSecondsPerNs = 1e-9;

// /proc/net/sockstat has FIN_WAIT2 of closed sockets, which make no step, among TIME_WAIT. The look
// through the table told them apart, at its time.
void part_closed_sockets(Snapshot& snapshot) {
  if (!snapshot.sample || !snapshot.time_wait) return;
  const auto fin_waits = static_cast<std::int64_t>(std::min<std::uint64_t>(
      snapshot.sample->fin_waits, std::numeric_limits<std::uint32_t>::max()));
  const std::int64_t closed = std::min(fin_waits, std::max<std::int64_t>(*snapshot.time_wait, 0));
  *snapshot.time_wait -= closed;
  snapshot.states[TW_FIN_WAIT2] += closed;
}

}  // namespace

Model::Model(const ModelLimits& limits)
    : ledger_(limits),
      flows_(limits.flow_slots, ledger_),
      listeners_(limits),
      namespaces_(limits),
      servers_(limits),
      looks_(limits),
      facts_(limits) {}

struct Model::Visitor {
  Model& model;

  void operator()(const tw_flow_record* record) { model.flows_.on_flow(*record); }
  void operator()(const tw_gone* record) { model.on_gone(*record); }
  void operator()(const tw_listener_record* record) { model.on_listener(*record); }
  void operator()(const tw_netns* record) { model.namespaces_.on_netns(*record); }
  void operator()(const tw_process* record) { model.ledger_.on_process(*record); }
  void operator()(const tw_host* record) { model.facts_.on_host(*record); }
  void operator()(const tw_hook* record) { model.facts_.on_hook(*record); }
  void operator()(const tw_loss* record) { model.facts_.on_loss(*record); }
  void operator()(const tw_self* record) { model.facts_.on_self(*record); }
  void operator()(const tw_sample* record) { model.ledger_.on_sample(*record); }
  void operator()(const tw_sockets* record) { model.ledger_.on_sockets(*record); }
  void operator()(const tw_close_waits* record) { model.ledger_.on_close_waits(*record); }
  void operator()(const tw_ports* record) { model.ledger_.on_ports(*record); }
  void operator()(const tw_inbound* record) { model.ledger_.on_inbound(*record); }
  void operator()(const tw_conntrack* record) { model.namespaces_.on_conntrack(*record); }
  void operator()(const tw_nginx* record) { model.servers_.on_nginx(*record); }
  void operator()(const tw_activity* record) { model.looks_.on_activity(*record); }
  void operator()(const tw_steering* record) { model.looks_.on_steering(*record); }
  void operator()(const tw_tick* record) { model.on_tick(*record); }
  // Stories: whatever they tell is in the counters as well, and those lose nothing.
  void operator()(const tw_connect*) {}
  void operator()(const tw_closed*) {}
  void operator()(const tw_drops*) {}
  void operator()(const tw_step_record*) {}
};

void Model::on_record(const Record& record) {
  if (interval_start_ == 0)
    interval_start_ = std::visit([](const auto* known) { return known->header.time; }, record);
  std::visit(Visitor{*this}, record);
}

void Model::on_gone(const tw_gone& record) {
  if (record.header.kind == TW_KIND_FLOW_GONE)
    flows_.on_gone(record);
  else
    listeners_.on_gone(record);
}

void Model::on_listener(const tw_listener_record& record) {
  if (!listeners_.on_listener(record)) ledger_.count_fold();
}

void Model::place_workers() {
  listeners_.each_owner(
      [this](tw_worker owner, std::uint32_t netns) { ledger_.place(owner, netns); });
  for (const Activity& seen : looks_.activities())
    if (seen.parent != 0) ledger_.place_child(seen.pid, seen.parent);
}

// Listeners come after the sums, which they complete, and before the ledger lets go of what the
// workers of their addresses waited.
void Model::on_tick(const tw_tick& record) {
  const std::uint64_t now = record.header.time;
  auto snapshot = std::make_shared<Snapshot>();
  if (now > interval_start_)
    snapshot->interval = static_cast<double>(now - interval_start_) * kSecondsPerNs;
  interval_start_ = now;
  place_workers();
  ledger_.settle(*snapshot, now);
  listeners_.settle(*snapshot, ledger_.listening(), namespaces_, facts_.polled("overflow_syn"),
                    !facts_.unwatched("overflow_ack"));
  namespaces_.settle(*snapshot, now);
  part_closed_sockets(*snapshot);
  servers_.settle(*snapshot, now);
  looks_.settle(*snapshot);
  facts_.settle(*snapshot, ledger_.folded(), now);
  ledger_.expire(now);
  snapshot_ = std::move(snapshot);
}

}  // namespace tcpwatch
