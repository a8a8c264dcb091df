// SPDX-License-Identifier: Apache-2.0
//
// Random streams of records, as a kernel side would write them, from a seed: slots that come back,
// listeners, processes that end, namespaces, time that jumps.
#pragma once

#include <map>
#include <random>
#include <string>
#include <utility>

#include "events/batch.h"
#include "model_stream.h"

namespace tcpwatch::test {

// Writes a stream as a kernel side would, with slots that come back, and counts for itself.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  RecordBatch stream(int records) {
    for (int i = 0; i < records; ++i) next();
    tick();
    return std::move(batch_);
  }

  std::uint64_t connects = 0;
  std::uint64_t failures = 0;

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  void next() {
    now_ += below(kSecond / 4);
    const auto what = below(100);
    if (what < 60) return flow();
    if (what < 68) return gone();
    if (what < 78) return listener();
    if (what < 80) return listener_gone();
    if (what < 88) return process();
    if (what < 91) return netns();
    if (what < 92) return host_counters();
    if (what < 94) return hook();
    if (what == 94) return sample();
    if (what == 95) now_ += below(60) * kSecond;
    tick();
  }

  void tick() { batch_.append(new_record<tw_tick>(now_)); }

  Slot random_slot(std::uint32_t number) {
    const auto role = static_cast<tw_role>(1 + below(5));
    const tw_worker worker = role == TW_ROLE_QUEUE ? 0 : make_worker(below(30), below(2));
    return Slot(number, flow_key(role, worker, "10.0.0.1:" + std::to_string(1 + below(40)),
                                 static_cast<std::uint32_t>(below(3))));
  }

  void grow(Slot& slot) {
    if (slot.flow.key.role == TW_ROLE_IN) {
      slot.flow.accepts += below(3);
      slot.step(TW_OUTSIDE, TW_ESTABLISHED, below(3));
      slot.time(TW_TIMING_WAIT, below(kSecond), below(3));
      return;
    }
    if (slot.flow.key.role != TW_ROLE_OUT) return;
    const std::uint64_t good = below(4);
    const std::uint64_t bad = below(3);
    slot.connect(TW_ESTABLISHED, good).time(TW_TIMING_CONNECT, below(kSecond), good);
    slot.fail(static_cast<tw_reason>(1 + below(TW_REASON_OTHER)), bad);
    if (good > 1) slot.step(TW_ESTABLISHED, TW_CLOSE);
    connects += good + bad;
    failures += bad;
  }

  void flow() {
    const auto number = static_cast<std::uint32_t>(below(40));
    auto place = slots_.find(number);
    // Now and then the slot holds another flow, and nobody said so.
    if (place != slots_.end() && below(30) == 0) place = (slots_.erase(place), slots_.end());
    if (place == slots_.end()) place = slots_.emplace(number, random_slot(number)).first;
    grow(place->second);
    auto record = new_record<tw_flow_record>(now_);
    record.slot = number;
    record.flow = place->second.flow;
    batch_.append(record);
  }

  void gone() {
    const auto number = static_cast<std::uint32_t>(below(40));
    slots_.erase(number);
    batch_.append(new_gone(now_, TW_KIND_FLOW_GONE, number));
  }

  void listener() {
    const auto number = static_cast<std::uint32_t>(below(12));
    tw_listener& row = listeners_[number];
    if (row.sk == 0 || below(20) == 0) {
      row = {};
      row.sk = 1 + below(1000);
      row.address = endpoint("0.0.0.0:" + std::to_string(80 + below(4)));
      row.owner = make_worker(below(30), 1);
      row.drops = row.drops_at_start = static_cast<std::uint32_t>(random_());
    }
    row.children += below(10);
    row.queue_now = static_cast<std::uint32_t>(below(20));
    row.overflows_syn += below(3);
    row.overflows_ack += below(3);
    row.drops += static_cast<std::uint32_t>(below(6));
    row.reuseport = below(3);
    auto record = new_record<tw_listener_record>(now_);
    record.slot = number;
    record.listener = row;
    batch_.append(record);
  }

  void listener_gone() {
    const auto number = static_cast<std::uint32_t>(below(12));
    listeners_.erase(number);
    batch_.append(new_gone(now_, TW_KIND_LISTENER_GONE, number));
  }

  void process() {
    auto record = new_record<tw_process>(now_);
    record.worker = make_worker(below(30), below(2));
    record.alive = below(2);
    batch_.append(record);
  }

  void netns() {
    auto record = new_record<tw_netns>(now_);
    record.netns = static_cast<std::uint32_t>(below(6));
    record.listen_overflows = listen_overflows_ += below(5);
    record.listen_drops = listen_overflows_ + (listen_others_ += below(2));
    batch_.append(record);
  }

  tw_flow_key sampled_key() { return random_slot(0).flow.key; }

  void sample() {
    auto record = new_record<tw_sample>(now_);
    record.time_waits = static_cast<std::uint32_t>(below(1000));
    batch_.append(record);
    for (std::uint64_t parts = below(10); parts > 0; --parts) {
      auto sockets = new_record<tw_sockets>(now_);
      sockets.key = sampled_key();
      sockets.idle = static_cast<std::uint32_t>(below(10));
      sockets.waiting = static_cast<std::uint32_t>(below(3));
      sockets.waiting_ns = below(100 * kSecond);
      sockets.time_waits = static_cast<std::uint32_t>(below(100));
      batch_.append(sockets);
      auto leak = new_record<tw_close_waits>(now_);
      leak.key = sampled_key();
      leak.sockets = 1 + static_cast<std::uint32_t>(below(3));
      leak.oldest_ns = below(100 * kSecond);
      leak.ages[below(TW_BUCKETS)] = leak.sockets;
      batch_.append(leak);
      auto ports = new_record<tw_ports>(now_);
      ports.destination = sampled_key().peer;
      ports.used = static_cast<std::uint32_t>(below(30000));
      ports.available = below(2) ? 28232 : TW_UNKNOWN;
      ports.time_waits = static_cast<std::uint32_t>(below(30000));
      ports.reusable = static_cast<std::uint32_t>(below(30000));
      batch_.append(ports);
      auto inbound = new_record<tw_inbound>(now_);
      inbound.key = sampled_key();
      inbound.slow = static_cast<std::uint32_t>(below(10));
      inbound.slow_ns = below(100 * kSecond);
      inbound.arrived = static_cast<std::uint32_t>(below(10));
      inbound.cpu = static_cast<std::uint32_t>(below(3));
      inbound.on_cpu = static_cast<std::uint32_t>(below(inbound.arrived + 1));
      batch_.append(inbound);
    }
  }

  void host_counters() {
    auto conntrack = new_record<tw_conntrack>(now_);
    conntrack.netns = static_cast<std::uint32_t>(below(6));
    conntrack.count = static_cast<std::uint32_t>(below(1000));
    conntrack.max = static_cast<std::uint32_t>(below(1000));
    conntrack.dropped = below(1000);
    batch_.append(conntrack);
    auto nginx = new_record<tw_nginx>(now_);
    nginx.server.port = static_cast<std::uint16_t>(below(4));
    nginx.accepts = below(1000);
    nginx.handled = below(1000);
    batch_.append(nginx);
    looks();
  }

  void looks() {
    auto activity = new_record<tw_activity>(now_);
    activity.pid = ++looks_ % 30;
    activity.parent = looks_ % 7;
    activity.state = "RSD?"[looks_ % 4];
    activity.looked_ns = looks_ % 5 * kSecond;
    activity.waited_ns = looks_ % 2 == 0 ? looks_ * 1000 : TW_UNKNOWN_NS;
    activity.limit = looks_ % 2000;
    set_text(activity.wait_channel, "do_epoll_wait");
    batch_.append(activity);
    auto steering = new_record<tw_steering>(now_);
    steering.netns = looks_ % 6;
    steering.cpu = looks_ % 2;
    steering.packets = looks_ * 100;
    steering.packets_cpu = looks_ * 70;
    batch_.append(steering);
  }

  void hook() {
    auto record = new_record<tw_hook>(now_);
    record.chosen = below(2);
    set_text(record.signal, "overflow_syn");
    set_text(record.mechanism, below(2) ? "poll" : "fentry");
    batch_.append(record);
  }

  std::mt19937_64 random_;
  std::uint64_t now_ = 1000 * kSecond;
  std::uint32_t looks_ = 0;
  std::uint64_t listen_overflows_ = 0;
  std::uint64_t listen_others_ = 0;
  std::map<std::uint32_t, Slot> slots_;
  std::map<std::uint32_t, tw_listener> listeners_;
  RecordBatch batch_;
};

}  // namespace tcpwatch::test
