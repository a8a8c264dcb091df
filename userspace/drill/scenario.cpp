// SPDX-License-Identifier: Apache-2.0
#include "drill/scenario.h"

#include <algorithm>
#include <array>

namespace tcpwatch {
namespace {

// Idle is who has had no data for so long: TW_IDLE_SECONDS.
constexpr std::chrono::seconds kIdleAfter{60};

constexpr auto kScenarios = std::to_array<Scenario>({
    {"accept-queue-overflow",
     "a server with backlog 4 sleeps 200 ms per connection; 50 clients a second",
     play_accept_queue_overflow},
    {"backlog-capped", "a quick server with backlog 4; bursts of 60 clients every 100 ms",
     play_backlog_capped},
    {"worker-not-accepting",
     "three workers of an SO_REUSEPORT group, one stopped; 100 clients a second",
     play_worker_not_accepting},
    {"accept-imbalance",
     "three workers of an SO_REUSEPORT group whose steering program leaves one out",
     play_accept_imbalance},
    {"syn-flood", "400 SYNs a second from made-up addresses to a quick server with backlog 64",
     play_syn_flood},
    {"ephemeral-port-exhaustion",
     "a connection per request, 100 a second, from a range of 200 source ports",
     play_port_exhaustion},
    {"connect-slow-in-kernel", "nine tenths of all source ports to one destination are in use",
     play_slow_port_search},
    {"connect-timeout", "clients connect to an address that never answers", play_connect_timeout},
    {"slow-upstream", "a server that reads requests and answers none; 5 clients a second",
     play_slow_upstream},
    {"connect-refused", "20 connects a second to a port that nobody listens on",
     play_connect_refused},
    {"connect-unreachable", "connects to a neighbour that is not there", play_connect_unreachable},
    {"connect-abandoned", "a client that gives up after 50 ms, to an address that is slower",
     play_connect_abandoned},
    {"connection-inflow", "a server that accepts 30 connections a second and releases none",
     play_connection_inflow},
    {"connection-watermark", "a server that holds 180 connections, with 200 descriptors",
     play_connection_watermark},
    {"fd-exhaustion", "a server with 64 descriptors keeps all it accepts; 20 clients a second",
     play_fd_exhaustion},
    {"close-wait-leak", "a server that does not close when its clients do, 20 a second",
     play_close_wait_leak},
    {"fin-wait2-pileup", "a server says FIN on 600 connections, the clients never do",
     play_fin_wait2_pileup},
    {"slow-clients", "100 clients send a byte every 2 s to a server with 200 descriptors",
     play_slow_clients},
    {"short-connection-storm", "up to 2,000 connections a second, each for a moment",
     play_short_connection_storm},
    {"nginx-slots-exhausted",
     "a server that holds 32 connections closes all others unread, 20 a second", play_full_server},
    {"cpu-steering",
     "two workers, each for the packets of one CPU; one CPU (rps_cpus) takes in all of them",
     play_cpu_steering},
    {"conntrack-full", "99 % of the connection-tracking table of a namespace are taken",
     play_full_tracking},
    {"time-wait-high", "clients close 110,000 connections within seconds", play_time_wait_high},
    {"keepalive-pileup", "a server with 200 descriptors keeps 120 connections, idle for a minute",
     play_keepalive_pileup, kIdleAfter},
});

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* scenario_of(std::string_view name) {
  const auto found = std::ranges::find(kScenarios, name, &Scenario::name);
  return found == kScenarios.end() ? nullptr : &*found;
}

}  // namespace tcpwatch
