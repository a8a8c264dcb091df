// SPDX-License-Identifier: Apache-2.0
//
// For the rules' tests: a machine whose rows a test changes, watched by a judge for so many
// intervals of half a second. What is set stays, until it is changed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/judge.h"

namespace tcpwatch::test {

class Ward {
 public:
  static constexpr double kInterval = 0.5;
  static constexpr std::uint32_t kNetns = 4026531840;

  explicit Ward(const Thresholds& limits = {}) : judge_(limits) {
    for (const char* signal : {"states", "accepts", "connect_kernel_time", "overflow_syn",
                               "overflow_ack", "listener_queues", "fd_refusals"})
      add_hook(signal);
    netns.inode = kNetns;
  }

  Worker& worker(std::uint32_t pid, const std::string& comm = "nginx") {
    for (Worker& row : workers)
      if (row.id.pid == pid) return row;
    Worker& row = workers.emplace_back();
    row.id = {pid, 100};
    row.comm = comm;
    row.netns = kNetns;
    row.fds = Fds{100, 16384};
    row.states[TW_LISTEN] = 1;  // so that it is on the chart
    return row;
  }
  Listener& listener(const std::string& address, std::vector<std::uint32_t> owners,
                     std::uint32_t limit = 511) {
    Listener& row = listeners.emplace_back();
    row.address = address;
    row.port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    row.netns = kNetns;
    row.comm = "nginx";
    row.owners = std::move(owners);
    row.queue_limit = limit;
    row.listen_backlog = limit;
    row.somaxconn = 4096;
    return row;
  }
  Destination& destination(const std::string& address, std::vector<std::uint32_t> pids) {
    Destination& row = destinations.emplace_back();
    row.address = address;
    row.netns = kNetns;
    row.workers = std::move(pids);
    return row;
  }
  HookChoice& add_hook(const std::string& signal, bool chosen = true) {
    HookChoice& hook = hooks.emplace_back();
    hook.signal = signal;
    hook.mechanism = "fentry";
    hook.target = signal;
    hook.chosen = hook.exact = chosen;
    return hook;
  }

  // So many seconds go by; `each` is called before every look, with its number.
  void pass(double seconds, const std::function<void(int)>& each = {}) {
    const int looks = static_cast<int>(seconds / kInterval);
    for (int i = 0; i < looks; ++i) {
      if (each) each(i);
      look();
    }
  }
  // What /proc would say of a process from now on, at each look.
  Activity& does(std::uint32_t pid, char state, const std::string& wait_channel = "",
                 std::uint32_t parent = 0) {
    Activity& seen = activities.emplace_back();
    seen.pid = pid;
    seen.parent = parent;
    seen.state = state;
    seen.wait_channel = wait_channel;
    seen.looked = kInterval;
    seen.waited = 0;
    return seen;
  }

  const Findings& findings() const { return judge_.findings(); }
  const Finding* find(std::string_view id) const {
    for (const Finding& finding : findings())
      if (finding.id == id) return &finding;
    return nullptr;
  }
  // Warnings and worse, by id, worst first: "accept-queue-overflow backlog-capped".
  std::string troubles() const {
    std::string text;
    for (const Finding& finding : findings())
      if (finding.severity != Severity::kInfo)
        text += (text.empty() ? "" : " ") + std::string(finding.id);
    return text;
  }
  std::string root() const {
    const Finding* root = root_cause(findings());
    return root ? std::string(root->id) : "";
  }
  Judge& judge() { return judge_; }

  std::vector<Worker> workers;
  std::vector<Listener> listeners;
  std::vector<Destination> destinations;
  std::vector<HookChoice> hooks;
  std::vector<Server> servers;
  std::vector<Activity> activities;
  std::vector<Steering> steering;
  Netns netns;
  std::uint32_t host_netns = kNetns;

 private:
  void look() {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->realtime_ns = now_ns_ += 500'000'000;
    snapshot->interval = kInterval;
    snapshot->listeners = listeners;
    snapshot->hooks = hooks;
    snapshot->netns = {netns};
    snapshot->host_netns = host_netns;
    snapshot->servers = servers;
    snapshot->activities = activities;
    snapshot->steering = steering;
    for (const Worker& row : workers) snapshot->workers.push_back(row);
    for (const Destination& row : destinations) snapshot->destinations.push_back(row);
    judge_.add(snapshot);
    judge_.judge();
  }

  Judge judge_;
  std::uint64_t now_ns_ = 1'763'689'512'000'000'000;
};

inline void timed(Histogram& histogram, double seconds, std::uint64_t times) {
  histogram.add(tw_bucket_of(static_cast<std::uint64_t>(seconds * 1e9)), times);
  histogram.add_seconds(seconds * static_cast<double>(times));
}

}  // namespace tcpwatch::test
