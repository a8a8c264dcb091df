// SPDX-License-Identifier: Apache-2.0
//
// For the model's tests: records as the kernel side would send them, fed into a Model with a clock
// that the test turns. A Slot plays one flow of the kernel: its counters only grow, every send()
// tells them all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/fixed_text.h"
#include "base/names.h"
#include "base/worker.h"
#include "events/make.h"
#include "model/model.h"

namespace tcpwatch::test {

inline constexpr std::uint64_t kSecond = 1'000'000'000;

inline tw_endpoint endpoint(std::string_view text, std::uint32_t netns = 1) {
  tw_endpoint parsed = *parse_endpoint(text);
  parsed.netns = netns;
  return parsed;
}

inline tw_flow_key flow_key(tw_role role, tw_worker worker, std::string_view peer,
                            std::uint32_t netns = 1) {
  tw_flow_key key{};
  key.worker = worker;
  key.peer = endpoint(peer, netns);
  key.role = role;
  return key;
}

struct Slot {
  std::uint32_t number = 0;
  tw_flow flow{};

  Slot(std::uint32_t slot, const tw_flow_key& key, std::string_view comm = "nginx") : number(slot) {
    flow.key = key;
    set_text(flow.comm, comm);
  }
  Slot& step(tw_state from, tw_state to, std::uint64_t times = 1) {
    flow.steps[step_of(from, to)] += times;
    return *this;
  }
  Slot& time(tw_timing timing, std::uint64_t ns, std::uint32_t times = 1) {
    flow.histogram[timing][tw_bucket_of(ns)] += times;
    flow.sum_ns[timing] += ns * times;
    return *this;
  }
  // connect() with its whole life up to `state`.
  Slot& connect(tw_state state = TW_ESTABLISHED, std::uint64_t times = 1) {
    flow.attempts += times;
    step(TW_CLOSE, TW_SYN_SENT, times);
    if (state == TW_ESTABLISHED) step(TW_SYN_SENT, TW_ESTABLISHED, times);
    return *this;
  }
  Slot& fail(tw_reason reason, std::uint64_t times = 1) {
    connect(TW_SYN_SENT, times).step(TW_SYN_SENT, TW_CLOSE, times);
    flow.failures[reason] += times;
    return *this;
  }
};

class Stream {
 public:
  explicit Stream(const ModelLimits& limits = {}) : model_(std::make_unique<Model>(limits)) {
    auto host = new_record<tw_host>(now);
    host.realtime_ns = 1'700'000'000 * kSecond;
    set_text(host.hostname, "web-7");
    set_text(host.kernel, "6.18.44");
    send(host);
  }

  template <typename T>
  void send(const T& record) {
    model_->on_record(&record);
  }
  void send(const Slot& slot) {
    auto record = new_record<tw_flow_record>(now);
    record.slot = slot.number;
    record.flow = slot.flow;
    send(record);
  }
  void send(std::uint32_t slot, const tw_listener& listener, std::uint32_t somaxconn = 4096) {
    auto record = new_record<tw_listener_record>(now);
    record.slot = slot;
    record.somaxconn = somaxconn;
    record.listener = listener;
    send(record);
  }
  void gone(std::uint32_t slot, tw_kind kind = TW_KIND_FLOW_GONE) {
    send(new_gone(now, kind, slot));
  }
  void process(tw_worker worker, bool alive, std::string_view comm = "nginx",
               std::string_view cgroup = "") {
    auto record = new_record<tw_process>(now);
    record.worker = worker;
    record.alive = alive ? 1 : 0;
    record.fds_open = alive ? 40 : TW_UNKNOWN;
    record.fds_limit = alive ? 1024 : TW_UNKNOWN;
    set_text(record.comm, comm);
    set_text(record.cgroup, cgroup);
    send(record);
  }
  void hook(std::string_view signal, std::string_view mechanism, bool chosen = true) {
    auto record = new_record<tw_hook>(now);
    record.chosen = chosen ? 1 : 0;
    record.exact = 1;
    set_text(record.signal, signal);
    set_text(record.mechanism, mechanism);
    send(record);
  }
  void netns(std::uint32_t inode, std::uint64_t overflows, std::uint64_t drops,
             std::uint32_t time_wait = 0) {
    auto record = new_record<tw_netns>(now);
    record.netns = inode;
    record.listen_overflows = overflows;
    record.listen_drops = drops;
    record.time_wait = time_wait;
    send(record);
  }
  std::shared_ptr<const Snapshot> tick(std::uint64_t after = kSecond) {
    now += after;
    send(new_record<tw_tick>(now));
    return model_->snapshot();
  }

  std::uint64_t now = 1000 * kSecond;

 private:
  std::unique_ptr<Model> model_;
};

inline const Worker* worker_of(const Snapshot& snapshot, tw_worker id) {
  for (const Worker& worker : snapshot.workers)
    if (worker.id == WorkerId{worker_pid(id), worker_start_ticks(id)}) return &worker;
  return nullptr;
}

inline const Destination* destination_of(const Snapshot& snapshot, std::string_view address) {
  for (const Destination& destination : snapshot.destinations)
    if (destination.address == address) return &destination;
  return nullptr;
}

inline std::size_t routes_in(const Snapshot& snapshot) {
  std::size_t routes = 0;
  for (const Destination& destination : snapshot.destinations) routes += destination.routes.size();
  return routes;
}

// All of a snapshot, as text: two are equal if and only if these are.
std::string dump(const Snapshot& snapshot);

}  // namespace tcpwatch::test
