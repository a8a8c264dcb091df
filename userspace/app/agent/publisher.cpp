// SPDX-License-Identifier: Apache-2.0
#include "app/agent/publisher.h"

#include "app/agent/own_process.h"
#include "base/clock.h"
#include "views/doctor.h"
#include "views/json.h"
#include "views/metrics/otlp.h"

namespace tcpwatch {

void Publisher::publish(std::shared_ptr<const Snapshot> snapshot, const Findings& findings,
                        AgentFacts facts) {
  const std::lock_guard lock(mutex_);
  metrics_.add(snapshot, findings);
  snapshot_ = std::move(snapshot);
  findings_ = findings;
  facts_ = std::move(facts);
  ++intervals_;
  last_ns_ = monotonic_ns();
}

std::string Publisher::metrics(Dialect dialect) {
  const std::lock_guard lock(mutex_);
  Rendered& rendered = rendered_[static_cast<std::size_t>(dialect)];
  if (rendered.of != intervals_ || rendered.text.empty()) {
    facts_.process = read_own_process();
    Exposition out(dialect, std::move(rendered.text));
    metrics_.write(out, facts_);
    rendered = {intervals_, out.take()};
  }
  return rendered.text;
}

std::string Publisher::otlp() {
  const std::lock_guard lock(mutex_);
  if (!snapshot_) return "";
  facts_.process = read_own_process();
  OtlpWriter out(
      {snapshot_->host, snapshot_->version, facts_.process->start_time, snapshot_->realtime_ns});
  metrics_.write(out, facts_);
  return out.take();
}

std::string Publisher::view() const {
  std::unique_lock lock(mutex_);
  const auto snapshot = snapshot_;
  const Findings findings = findings_;
  lock.unlock();
  return snapshot ? view_json(*snapshot, findings) + "\n" : "null\n";
}

std::string Publisher::findings() const {
  std::unique_lock lock(mutex_);
  const auto snapshot = snapshot_;
  const Findings findings = findings_;
  const double watched = static_cast<double>(intervals_) * (snapshot ? snapshot->interval : 0);
  lock.unlock();
  return snapshot ? doctor_json({*snapshot, findings, watched}) + "\n" : "null\n";
}

bool Publisher::alive() const {
  const std::lock_guard lock(mutex_);
  return intervals_ == 0 || monotonic_ns() - last_ns_ < stalled_ns_;
}

bool Publisher::ready() const {
  const std::lock_guard lock(mutex_);
  return intervals_ != 0;
}

}  // namespace tcpwatch
