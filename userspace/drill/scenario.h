// SPDX-License-Identifier: Apache-2.0
//
// The table of drills: each makes one incident for real, and names the finding to expect. `play`
// runs in a network and process namespace of its own (stage.h); it starts its processes and
// returns.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

namespace tcpwatch {

struct Scenario {
  std::string_view name;   // that of the finding
  std::string_view makes;  // one sentence
  void (*play)();
  std::chrono::seconds shows_after{0};  // nobody can see it before
};

std::span<const Scenario> scenarios();
const Scenario* scenario_of(std::string_view name);  // null: there is none

// scenarios_*.cpp
void play_accept_queue_overflow();
void play_backlog_capped();
void play_worker_not_accepting();
void play_accept_imbalance();
void play_syn_flood();
void play_port_exhaustion();
void play_slow_port_search();
void play_connect_timeout();
void play_connect_refused();
void play_connect_unreachable();
void play_connect_abandoned();
void play_connection_inflow();
void play_connection_watermark();
void play_keepalive_pileup();
void play_fd_exhaustion();
void play_close_wait_leak();
void play_fin_wait2_pileup();
void play_time_wait_high();
void play_slow_upstream();
void play_slow_clients();
void play_short_connection_storm();
void play_full_server();
void play_cpu_steering();
void play_full_tracking();

// scenarios_accepting.cpp, for play_cpu_steering(): two workers whose sockets are chosen by CPU.
void start_group_by_cpu();

}  // namespace tcpwatch
