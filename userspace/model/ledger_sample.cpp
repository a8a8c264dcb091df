// SPDX-License-Identifier: Apache-2.0
//
// What a look through the socket table tells: booked on the rows, replacing what the one before
// told. Of rows that it does not mention there is nothing.
#include <algorithm>
#include <memory>

#include "base/address.h"
#include "model/ledger.h"

namespace tcpwatch {
namespace {

constexpr double kSecondsPerNs = 1e-9;
constexpr double kAgeUnit = 1 << TW_AGE_SHIFT;
constexpr double kTimeWaitSeconds = 60;
constexpr double kReusableAfterSeconds = 1;

double seconds_of(std::uint64_t ns) { return static_cast<double>(ns) * kSecondsPerNs; }

// True: something was there before.
bool forget(Sampled& sampled) {
  if (sampled.told == Sampled::Told::kNothing) return false;
  sampled = {};
  sampled.told = Sampled::Told::kNothing;
  return true;
}

// Snapshots share what was told before: it stays as it is.
Sampled& own(std::shared_ptr<Sampled>& shared) {
  if (!shared)
    shared = std::make_shared<Sampled>();
  else if (shared.use_count() > 1)
    shared = std::make_shared<Sampled>(*shared);
  return *shared;
}

void add(Sampled& sampled, const tw_sockets& told) {
  SocketFacts& facts = sampled.facts;
  sampled.told = Sampled::Told::kSomething;
  facts.active += told.active;
  facts.idle += told.idle;
  facts.waiting += told.waiting;
  facts.time_waits += told.time_waits;
  facts.fin_waits += told.fin_waits;
  if (told.waiting == 0 ||
      (facts.waiting > told.waiting && seconds_of(told.waiting_ns) <= facts.waiting_since))
    return;
  facts.waiting_since = seconds_of(told.waiting_ns);
  facts.waiting_for = format_endpoint(told.key.peer);
}

void add(Sampled& sampled, const tw_inbound& told) {
  SocketFacts& facts = sampled.facts;
  sampled.told = Sampled::Told::kSomething;
  facts.slow += told.slow;
  if (told.slow != 0) facts.slow_since = std::max(facts.slow_since, seconds_of(told.slow_ns));
  if (told.arrived == 0) return;
  if (!facts.arrivals) facts.arrivals.emplace();
  Arrivals& arrivals = *facts.arrivals;
  arrivals.sockets += told.arrived;
  if (told.cpu == arrivals.cpu) {
    arrivals.on_cpu += told.on_cpu;
  } else if (told.on_cpu > arrivals.on_cpu) {
    arrivals.cpu = told.cpu;
    arrivals.on_cpu = told.on_cpu;
  }
}

void add(Sampled& sampled, const tw_close_waits& told) {
  sampled.told = Sampled::Told::kSomething;
  const bool first = !sampled.facts.close_waits;
  CloseWaits& leak = first ? sampled.facts.close_waits.emplace() : *sampled.facts.close_waits;
  leak.sockets += told.sockets;
  leak.exact = (first || leak.exact) && told.dated == told.sockets;
  for (std::uint32_t bucket = 0; bucket < TW_BUCKETS; ++bucket)
    if (told.ages[bucket] != 0) sampled.ages.add(bucket, told.ages[bucket]);
  if (first || seconds_of(told.oldest_ns) > leak.oldest) {
    leak.oldest = seconds_of(told.oldest_ns);
    leak.oldest_exact = told.oldest_dated != 0;
    leak.peer = format_endpoint(told.oldest_peer);
  }
  leak.median = std::min(sampled.ages.quantile(0.5).value_or(0) * kAgeUnit, leak.oldest);
}

// When no port will be left, if the rise of the last seconds goes on. It does not where what rises
// is TIME_WAIT that levels off within its minute, as the rate of connects says.
std::optional<double> exhausted_in(const PortsRow& row) {
  const Ports& ports = *row.ports;
  if (!ports.available) return std::nullopt;
  const double taken = static_cast<double>(ports.used - ports.reusable);
  const double left = static_cast<double>(*ports.available) - taken;
  if (left <= 0) return 0;
  const auto rise = row.taken.per_second(), rate = row.opened.per_second();
  if (!rise || !rate || *rise <= 0) return std::nullopt;
  const double living =
      static_cast<double>(ports.used) - static_cast<double>(std::min(ports.used, ports.time_waits));
  const double lasting = ports.reusable != 0 ? kReusableAfterSeconds : kTimeWaitSeconds;
  const double level = living +
                       kTimeWaitSeconds * std::max(row.living.per_second().value_or(0), 0.0) +
                       lasting * *rate;
  return level > static_cast<double>(*ports.available) ? std::optional(left / *rise) : std::nullopt;
}

}  // namespace

void Ledger::on_sample(const tw_sample& sample) {
  sample_ = sample;
  for (auto& [worker, row] : workers_) row.looked_at |= forget(row.sampled);
  for (auto& [address, row] : listening_) forget(row.sampled);
  for (auto& [address, row] : destinations_) {
    row.looked_at = true;
    if (!forget(row.sampled)) row.ports.forget_trends();  // nothing was told last time either
    for (auto& [worker, route] : row.routes) route.sampled.reset();
    row.ports.ports = Ports{};
    if (const auto known = available_.find(address.netns); known != available_.end())
      row.ports.ports->available = known->second;
  }
}

// The rows that sockets of a flow belong to; null where there is none.
std::array<Sampled*, 4> Ledger::sampled_rows(const tw_flow_key& key) {
  std::array<Sampled*, 4> rows{};
  if (WorkerRow* row = key.worker != 0 ? workers_.find(key.worker) : nullptr) {
    row->looked_at = true;
    rows[0] = &row->sampled;
  }
  if (DestinationRow* row = key.role == TW_ROLE_OUT ? destinations_.find(key.peer) : nullptr) {
    row->looked_at = true;
    rows[1] = &row->sampled;
    if (const auto route = row->routes.find(key.worker); route != row->routes.end())
      rows[2] = &own(route->second.sampled);
  }
  const auto listening = key.role == TW_ROLE_IN ? listening_.find(key.peer) : listening_.end();
  if (listening != listening_.end()) rows[3] = &listening->second.sampled;
  return rows;
}

void Ledger::on_sockets(const tw_sockets& sockets) {
  for (Sampled* row : sampled_rows(sockets.key))
    if (row) add(*row, sockets);
}

void Ledger::on_close_waits(const tw_close_waits& leak) {
  for (Sampled* row : sampled_rows(leak.key))
    if (row) add(*row, leak);
}

void Ledger::on_inbound(const tw_inbound& inbound) {
  for (Sampled* row : sampled_rows(inbound.key))
    if (row) add(*row, inbound);
}

void Ledger::on_ports(const tw_ports& told) {
  DestinationRow* row = destinations_.find(told.destination);
  if (!row) return;
  row->looked_at = true;
  row->sampled.told = Sampled::Told::kSomething;
  Ports& ports = row->ports.ports.emplace();
  ports.used = told.used;
  if (told.available != TW_UNKNOWN) {
    ports.available = told.available;
    if (available_.size() < limits_.namespaces) available_[told.destination.netns] = told.available;
  }
  ports.reusable = std::min(told.reusable, told.used);
  ports.time_waits = told.time_waits;
  ports.sources = told.sources;
  const std::uint64_t now = told.header.time;
  const auto living = std::max<std::int64_t>(
      static_cast<std::int64_t>(told.used) - static_cast<std::int64_t>(told.time_waits), 0);
  row->ports.taken.add(now, static_cast<double>(ports.used - ports.reusable));
  row->ports.living.add(now, static_cast<double>(living));
  row->ports.opened.add(
      now, static_cast<double>(row->shown->total.established_out + row->delta.established_out));
  ports.exhausted_in = exhausted_in(row->ports);
}

void Ledger::settle_sample(Snapshot& snapshot, std::uint64_t now) const {
  if (!sample_) return;
  const std::uint64_t at = sample_->header.time;
  snapshot.sample = Sample{.age = now > at ? seconds_of(now - at) : 0,
                           .interval = seconds_of(sample_->interval_ns),
                           .cost = seconds_of(sample_->cost_ns),
                           .sockets = sample_->sockets,
                           .time_waits = sample_->time_waits,
                           .strangers = sample_->strangers,
                           .fin_waits = sample_->fin_waits,
                           .whole = sample_->partial == 0};
}

}  // namespace tcpwatch
