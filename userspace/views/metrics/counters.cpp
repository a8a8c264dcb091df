// SPDX-License-Identifier: Apache-2.0
#include "views/metrics/counters.h"

#include <algorithm>
#include <set>

#include "base/names.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kPeakSpan = 30 * kSecond;    // a peak is remembered for one to two of these
constexpr std::uint64_t kLookAround = 15 * kSecond;  // between two looks for what has gone
constexpr std::uint64_t kRemember = 300 * kSecond;   // processes and addresses that have gone

struct RefusalName {
  std::string_view call;
  std::string_view reason;
};
constexpr std::array<RefusalName, TW_REFUSALS> kRefusals{
    {{"accept", "EMFILE"}, {"accept", "ENFILE"}, {"socket", "EMFILE"}, {"socket", "ENFILE"}}};

std::string step_labels(std::string_view process, std::uint32_t step) {
  if (step >= kSteps.size()) return label_text({{"process", process}, {"from", "OTHER"}});
  return label_text({{"process", process},
                     {"from", state_name(kSteps[step].from)},
                     {"to", state_name(kSteps[step].to)}});
}

// What a flow takes over or hands on makes no step in the kernel.
bool is_step(std::uint32_t step) {
  return step >= kSteps.size() ||
         (kSteps[step].from != TW_OUTSIDE && kSteps[step].to != TW_OUTSIDE);
}

}  // namespace

Counters::Counters(const MetricsOptions& options)
    : options_(options),
      accepts_("accepts", options.max_series, folded_),
      connects_("connects", options.max_series, folded_),
      connect_failures_("connect_failures", options.max_series, folded_),
      closes_("closes", options.max_series, folded_),
      refusals_("descriptor_refusals", options.max_series, folded_),
      transitions_("state_transitions", options.max_series, folded_),
      overflows_("overflows", options.max_series, folded_),
      connect_duration_("connect_duration", options.max_series, folded_),
      connect_kernel_("connect_kernel", options.max_series, folded_),
      accept_wait_("accept_wait", options.max_series, folded_) {}

void Counters::add_traffic(const Traffic& delta, const Labelled& who) {
  const auto count = [&](Counts& table, std::uint64_t by) {
    table.at(label_text({{"process", who.process}, {"pid", who.pid}}), who.owner(), kOthers) += by;
  };
  const auto time = [&](Times& table, std::string_view outcome, const Histogram& by) {
    if (by.count() == 0) return;
    auto& sum = table.at(label_text({{"process", who.process}, {"outcome", outcome}}),
                         {{}, who.process, ""}, kOthers);
    for (const auto& [bucket, times] : by.cells()) sum.add(bucket, times);
    sum.add_seconds(by.sum());
  };
  if (delta.connects != 0) count(connects_, delta.connects);
  if (delta.closes != 0) count(closes_, delta.closes);
  for (std::size_t i = 0; i < TW_REFUSALS; ++i)
    if (delta.fd_refusals[i] != 0)
      refusals_.at(label_text({{"process", who.process},
                               {"pid", who.pid},
                               {"call", kRefusals[i].call},
                               {"reason", kRefusals[i].reason}}),
                   who.owner(), kOthers) += delta.fd_refusals[i];
  time(connect_duration_, "established", delta.connect);
  time(connect_duration_, "failed", delta.failed);
  time(connect_kernel_, "", delta.kernel);
}

void Counters::add_steps(const std::vector<StepCount>& steps, const Labelled& who) {
  for (const auto& [step, count] : steps)
    if (count != 0 && is_step(step))
      transitions_.at(step_labels(who.process, step), {{}, who.process, ""}, kOthers) += count;
}

void Counters::add_workers(const Snapshot& snapshot) {
  auto left = snapshot.steps_delta;
  for (const Worker& worker : snapshot.workers) {
    const Labelled who = labelled(worker, options_);
    add_traffic(worker.delta, who);
    add_steps(worker.steps_delta, who);
    for (const auto& [step, count] : worker.steps_delta) left[step] -= std::min(left[step], count);
  }
  add_traffic(snapshot.unowned.delta, nobody());
  std::vector<StepCount> steps;
  for (std::uint32_t step = 0; step < left.size(); ++step) steps.push_back({step, left[step]});
  add_steps(steps, nobody());
}

void Counters::add_accepts(const Snapshot& snapshot) {
  for (const AcceptRoute& route : snapshot.accept_routes) {
    const Labelled who = labelled(snapshot, route.worker, options_);
    accepts_.at(label_text({{"process", who.process},
                            {"pid", who.pid},
                            {"listener", route.address},
                            {"netns", netns_label(route.netns, options_)}}),
                who.owner(route.address), kOthers) += route.accepts;
  }
}

void Counters::add_failures(const Failures& failures, const Labelled& who,
                            std::string_view destination, std::uint32_t netns) {
  for (std::uint32_t reason = 0; reason < TW_REASONS; ++reason) {
    if (failures[reason] == 0) continue;
    const std::string_view name = reason_name(reason);
    connect_failures_.at(label_text({{"process", who.process},
                                     {"pid", who.pid},
                                     {"destination", destination},
                                     {"netns", netns_label(netns, options_)},
                                     {"reason", name}}),
                         who.owner(destination),
                         label_text({{"process", kOther}, {"reason", name}})) += failures[reason];
  }
}

// Of all reasons the one whose first time is an incident: no port is left.
void Counters::begin_failures(const Labelled& who, const Destination& destination) {
  connect_failures_.begin(label_text({{"process", who.process},
                                      {"pid", who.pid},
                                      {"destination", destination.address},
                                      {"netns", netns_label(destination.netns, options_)},
                                      {"reason", reason_name(TW_REASON_EADDRNOTAVAIL)}}),
                          who.owner(destination.address));
}

// Failures that the model has no route for are somebody's all the same.
void Counters::add_routes(const Snapshot& snapshot) {
  Failures left = snapshot.delta.failures;
  for (const Destination& destination : snapshot.destinations)
    for (const Route& route : destination.routes) {
      const bool begins = route.delta->connects != 0 && connect_failures_.takes_early();
      const bool failed = route.delta->connect_failures() != 0;
      if (!begins && !failed) continue;
      const Labelled who = labelled(snapshot, route.worker, options_);
      if (begins) begin_failures(who, destination);
      if (!failed) continue;
      add_failures(route.delta->failures, who, destination.address, destination.netns);
      for (std::size_t i = 0; i < TW_REASONS; ++i)
        left[i] -= std::min(left[i], route.delta->failures[i]);
    }
  add_failures(left, {{}, kOther, ""}, "", 0);
}

void Counters::add_peak(const Listener& listener) {
  auto& peak = peaks_[listener_labels(listener, options_)];
  peak.now = std::max(peak.now, listener.queue_peak);
}

std::uint32_t Counters::peak(const std::string& listener_labels) const {
  const auto found = peaks_.find(listener_labels);
  return found == peaks_.end() ? 0 : std::max(found->second.now, found->second.before);
}

// Members of an SO_REUSEPORT group share an address, and what was waited there. They are
// neighbours.
void Counters::add_listeners(const Snapshot& snapshot) {
  const Listener* before = nullptr;
  if (snapshot.realtime_ns - peaks_since_ >= kPeakSpan) {
    std::erase_if(peaks_, [](const auto& entry) { return entry.second.now == 0; });
    for (auto& [labels, peak] : peaks_) peak = {.before = peak.now};
    peaks_since_ = snapshot.realtime_ns;
  }
  for (const Listener& listener : snapshot.listeners) {
    if (listener.queue_peak != 0) add_peak(listener);
    const auto drop = [&](std::string_view stage, std::uint64_t by) {
      if (by == 0 && !overflows_.takes_early()) return;
      std::string labels = label_text({{"listener", listener.address},
                                       {"netns", netns_label(listener.netns, options_)},
                                       {"process", listener.comm},
                                       {"stage", stage}});
      const SeriesOwner owner{{}, listener.comm, listener.address};
      if (by == 0)
        overflows_.begin(std::move(labels), owner);
      else
        overflows_.at(std::move(labels), owner,
                      label_text({{"process", kOther}, {"stage", stage}})) += by;
    };
    drop("syn", listener.overflows_delta.syn);
    drop("ack", listener.overflows_delta.ack);
    const bool sibling =
        before && before->address == listener.address && before->netns == listener.netns;
    before = &listener;
    if (sibling || listener.accept_wait_delta.count() == 0) continue;
    auto& sum = accept_wait_.at(listener_labels(listener, options_), {{}, "", listener.address},
                                R"(listener="other")");
    for (const auto& [bucket, times] : listener.accept_wait_delta.cells()) sum.add(bucket, times);
    sum.add_seconds(listener.accept_wait_delta.sum());
  }
}

void Counters::add_namespaces(const Snapshot& snapshot) {
  for (const Netns& netns : snapshot.netns) {
    cookies_sent_ += netns.delta.cookies_sent;
    cookies_received_ += netns.delta.cookies_received;
    cookies_failed_ += netns.delta.cookies_failed;
  }
}

// Workers that left the model take their series along. Processes and addresses are waited for: a
// job that comes back every minute is the same one.
void Counters::forget(const Snapshot& snapshot) {
  const std::uint64_t now = snapshot.realtime_ns;
  std::set<WorkerId> workers;
  const auto see = [&](const std::string& name) { present_.insert_or_assign(name, now); };
  for (const Worker& worker : snapshot.workers) {
    workers.insert(worker.id);
    see(worker.comm);
  }
  for (const Listener& listener : snapshot.listeners) {
    see(listener.address);
    see(listener.comm);
  }
  for (const Destination& destination : snapshot.destinations) see(destination.address);
  see(std::string(kNobody));
  see(std::string(kOther));
  std::erase_if(present_, [&](const auto& entry) { return now - entry.second > kRemember; });
  const auto stays = [&](const auto& series) {
    return (series.worker.pid == 0 || workers.contains(series.worker)) &&
           (series.process.empty() || present_.contains(series.process)) &&
           (series.place.empty() || present_.contains(series.place));
  };
  for (Counts* table : {&accepts_, &connects_, &connect_failures_, &closes_, &refusals_,
                        &transitions_, &overflows_})
    table->keep_if(stays);
  for (Times* table : {&connect_duration_, &connect_kernel_, &accept_wait_}) table->keep_if(stays);
}

void Counters::add(const Snapshot& snapshot) {
  add_workers(snapshot);
  add_accepts(snapshot);
  add_routes(snapshot);
  add_listeners(snapshot);
  add_namespaces(snapshot);
  if (snapshot.realtime_ns - looked_ < kLookAround) return;
  looked_ = snapshot.realtime_ns;
  forget(snapshot);
}

}  // namespace tcpwatch
