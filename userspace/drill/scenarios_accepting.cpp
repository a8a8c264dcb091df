// SPDX-License-Identifier: Apache-2.0
//
// Drills on the accepting side.
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "drill/actor.h"
#include "drill/network.h"
#include "drill/scenario.h"

namespace tcpwatch {
namespace {

// Takes what comes and closes it once its client has, or after some seconds.
void serve(int listener) {
  Held held(200);
  for (;;) held.add(accept_from(listener));
}

// So many connections every `pause_ms`, the newest `most` of them open.
void start_clients(int each, int pause_ms, std::size_t most) {
  start_actor("client", [=] {
    Held held(most);
    for (;;) {
      for (int i = 0; i < each; ++i) held.add(begin_connect(kLocalhost, kDrillPort));
      sleep_ms(pause_ms);
    }
  });
}

// Listeners of one group, made by one process in a known order, each served by a child.
template <typename Prepare, typename Serve>
void start_group(int members, std::uint32_t address, Prepare prepare, Serve serve_member) {
  for (int member = 0; member < members; ++member) {
    const int listener = listen_on({.address = address, .backlog = 128, .reuseport = true});
    prepare(listener);
    start_actor("worker" + std::to_string(member), [=] { serve_member(member, listener); });
    ::close(listener);
  }
}

// The group's own program: a number that the kernel knows of the packet, modulo `members`.
void choose_by(int listener, int number, __u32 members) {
  std::array<sock_filter, 3> code{{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<__u32>(SKF_AD_OFF + number)},
      {BPF_ALU | BPF_MOD | BPF_K, 0, 0, members},
      {BPF_RET | BPF_A, 0, 0, 0},
  }};
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  must(::setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program),
       "SO_ATTACH_REUSEPORT_CBPF");
}

}  // namespace

void start_group_by_cpu() {
  const auto by_cpu = [](int listener) { choose_by(listener, SKF_AD_CPU, 2); };
  start_group(2, kAnyAddress, by_cpu, [](int, int listener) { serve(listener); });
}

void play_accept_queue_overflow() {
  const int listener = listen_on({.backlog = 4});
  start_actor("server", [=] {
    Held held(16);
    for (;;) {
      held.add(accept_from(listener));
      sleep_ms(200);
    }
  });
  ::close(listener);
  start_clients(1, 20, 100);
}

void play_backlog_capped() {
  const int listener = listen_on({.backlog = 4});
  start_actor("server", [=] { serve(listener); });
  ::close(listener);
  start_clients(60, 100, 120);
}

void play_worker_not_accepting() {
  const auto as_it_is = [](int) {};
  start_group(3, kLocalhost, as_it_is, [](int member, int listener) {
    if (member != 1) serve(listener);
    Held held(200);
    for (int i = 0; i < 5; ++i) held.add(accept_from(listener));
    ::raise(SIGSTOP);
  });
  start_clients(1, 10, 100);
}

// The group's own program chooses among the first two; the third is never offered anything.
void play_accept_imbalance() {
  const auto steer = [](int listener) { choose_by(listener, SKF_AD_RANDOM, 2); };
  start_group(3, kLocalhost, steer, [](int, int listener) { serve(listener); });
  start_clients(1, 10, 100);
}

void play_syn_flood() {
  write_setting("net.ipv4.conf.all.rp_filter", "0");
  write_setting("net.ipv4.conf.lo.rp_filter", "0");
  write_setting("net.ipv4.tcp_syncookies", "1");
  make_silent_network();
  const int listener = listen_on({.backlog = 64});
  start_actor("server", [=] { serve(listener); });
  ::close(listener);
  start_actor("flood", [] {
    const int raw = open_raw_socket();
    for (std::uint32_t source = 1;; ++source) {
      send_made_up_syn(raw, source, kDrillPort);
      if (source % 4 == 0) sleep_ms(10);
    }
  });
}

}  // namespace tcpwatch
