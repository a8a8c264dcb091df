// SPDX-License-Identifier: Apache-2.0
#include "screen_incidents.h"

#include <array>

#include "model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr std::uint32_t kNetns = 4026531840;
constexpr std::size_t kWorkers = 4;
constexpr tw_worker worker(std::size_t i) {
  return make_worker(1201 + static_cast<std::uint32_t>(i), 100);
}

// nginx: four workers behind one listener, each with connections to two upstreams.
struct Nginx {
  Stream stream;
  std::vector<Slot> in, redis, app;
  tw_listener listener{};
  Recorded recorded;

  explicit Nginx(std::uint32_t backlog) {
    for (const char* signal : {"states", "accepts", "connect_errors", "connect_kernel_time",
                               "overflow_syn", "overflow_ack", "listener_queues", "owners"})
      stream.hook(signal, "fentry");
    std::uint32_t slot = 0;
    for (std::size_t i = 0; i < kWorkers; ++i) {
      in.emplace_back(slot++, flow_key(TW_ROLE_IN, worker(i), "0.0.0.0:80", kNetns));
      redis.emplace_back(slot++, flow_key(TW_ROLE_OUT, worker(i), "10.0.0.5:6379", kNetns));
      app.emplace_back(slot++, flow_key(TW_ROLE_OUT, worker(i), "10.0.0.9:8080", kNetns));
    }
    listener.sk = 0x1000;
    listener.address = endpoint("0.0.0.0:80", kNetns);
    listener.owner = worker(0);
    set_text(listener.comm, "nginx");
    listener.queue_limit = backlog;
    tell();
    stream.netns(kNetns, 0, 0);
    for (std::size_t i = 0; i < kWorkers; ++i) {
      auto about = new_record<tw_process>(stream.now);
      about.worker = worker(i);
      about.alive = 1;
      about.fds_open = 1900 + 61 * static_cast<std::uint32_t>(i);
      about.fds_limit = 16384;
      set_text(about.comm, "nginx");
      set_text(about.cmdline, "nginx: worker process");
      set_text(about.cgroup, "/system.slice/nginx.service");
      stream.send(about);
    }
    stream.tick();
  }

  void tell() {
    for (auto* slots : {&in, &redis, &app})
      for (const Slot& slot : *slots) stream.send(slot);
    stream.send(0, listener);
  }
  void accept(std::size_t i, std::uint64_t times, std::uint64_t wait_ns) {
    in[i].flow.accepts += times;
    in[i].step(TW_CLOSE, TW_ESTABLISHED, times);
    in[i].time(TW_TIMING_WAIT, wait_ns, static_cast<std::uint32_t>(times));
    listener.children += times;
    listener.accepts += times;
  }
  static void close(Slot& slot, std::uint64_t times) {
    slot.step(TW_ESTABLISHED, TW_FIN_WAIT1, times).step(TW_FIN_WAIT1, TW_CLOSE, times);
  }
  static void connect(Slot& slot, std::uint64_t times, std::uint64_t ns) {
    slot.connect(TW_ESTABLISHED, times);
    slot.time(TW_TIMING_CONNECT, ns, static_cast<std::uint32_t>(times));
    slot.time(TW_TIMING_KERNEL, 4'000, static_cast<std::uint32_t>(times));
  }
  // A good second: somewhat more load in the middle of the minute.
  void serve(std::size_t second) {
    for (std::size_t i = 0; i < kWorkers; ++i) {
      const std::uint64_t load = 100 + second % 30 * 4 + i;
      accept(i, load, 80'000);
      close(in[i], load - (second < 20 ? 20 : 0));
      connect(redis[i], load / 2, 210'000);
      close(redis[i], load / 2);
      connect(app[i], load / 4, 350'000);
      close(app[i], load / 4 - (second < 20 ? 3 : 0));
    }
    listener.queue_peak = second % 5;
  }
  void tick(std::uint32_t time_wait, std::uint64_t overflows = 0) {
    tell();
    stream.netns(kNetns, overflows, overflows, time_wait);
    recorded.push_back(stream.tick());
  }
};

}  // namespace

Recorded healthy_minute() {
  Nginx nginx(511);
  for (std::size_t second = 0; second < 70; ++second) {
    nginx.serve(second);
    nginx.tick(static_cast<std::uint32_t>(400 + 9 * second));
  }
  return nginx.recorded;
}

Recorded accept_queue_overflow() {
  Nginx nginx(4);
  std::uint64_t overflows = 0;
  for (std::size_t second = 0; second < 70; ++second) {
    if (second < 58) {
      nginx.serve(second);
    } else {
      nginx.listener.children += second == 58 ? 5 : 0;
      nginx.listener.queue_now = nginx.listener.queue_peak = 5;
      nginx.listener.overflows_syn += 30 + second;
      nginx.listener.overflows_ack += 2;
      overflows += 32 + second;
      nginx.listener.drops = static_cast<std::uint32_t>(overflows);
    }
    nginx.tick(812, overflows);
  }
  return nginx.recorded;
}

Recorded port_exhaustion() {
  Nginx nginx(511);
  for (std::size_t second = 0; second < 70; ++second) {
    nginx.serve(second);
    if (second >= 40)
      for (std::size_t i = 0; i < kWorkers; ++i) {
        const auto failed = static_cast<std::uint32_t>(52 + i);
        nginx.redis[i].fail(TW_REASON_EADDRNOTAVAIL, failed);
        nginx.redis[i].time(TW_TIMING_FAILED, 17'600'000, failed);
        nginx.redis[i].time(TW_TIMING_KERNEL, 17'600'000, failed);
      }
    nginx.tick(28'230);
  }
  return nginx.recorded;
}

Played play(const Recorded& recorded) {
  Played played(*recorded.front());
  for (const auto& snapshot : recorded) played.show(*snapshot);
  return played;
}

}  // namespace tcpwatch::test
