// SPDX-License-Identifier: Apache-2.0
#include "view_snapshots.h"

#include <gtest/gtest.h>

#include <limits>

namespace tcpwatch::test {
namespace {

constexpr std::uint32_t kNetns = 4026531840;

void timed(Histogram& histogram, double seconds, std::uint64_t times) {
  histogram.add(tw_bucket_of(static_cast<std::uint64_t>(seconds * 1e9)), times);
  histogram.add_seconds(seconds * static_cast<double>(times));
}

Worker nginx_worker(std::uint32_t pid) {
  Worker row;
  row.id = {pid, 100};
  row.comm = "nginx";
  row.cmdline = "nginx: worker process";
  row.cgroup = "/system.slice/nginx.service";
  row.netns = kNetns;
  row.fds = Fds{2100, 16384};
  return row;
}

Worker healthy_worker(std::uint32_t pid) {
  Worker row = nginx_worker(pid);
  row.delta.accepts = 520 + pid % 10;
  row.delta.connects = row.delta.established_out = 130;
  row.delta.closes = 648;
  row.states[TW_ESTABLISHED] = 2050;
  timed(row.delta.connect, 0.00035, 125);
  timed(row.delta.connect, 0.0042, 5);
  timed(row.delta.kernel, 0.000004, 130);
  timed(row.delta.accept_wait, 0.00008, row.delta.accepts);
  return row;
}

Worker failing_worker(std::uint32_t pid) {
  Worker row = nginx_worker(pid);
  row.delta.accepts = 3;
  row.delta.connects = 57;
  row.delta.established_out = 1;
  row.delta.failures[TW_REASON_EADDRNOTAVAIL] = 56;
  row.delta.closes = 4;
  row.states[TW_ESTABLISHED] = 3900;
  row.states[TW_CLOSE_WAIT] = 12;
  timed(row.delta.connect, 0.019, 1);
  timed(row.delta.failed, 0.0176, 56);
  timed(row.delta.kernel, 0.0176, 56);
  timed(row.delta.accept_wait, 4.1, 3);
  SocketFacts& facts = row.sockets.emplace();
  facts.active = 3100;
  facts.idle = 800;
  facts.waiting = 9;
  facts.waiting_since = 4.2;
  facts.waiting_for = "10.0.0.9:8080";
  facts.time_waits = 7040;
  facts.close_waits = CloseWaits{.sockets = 12,
                                 .oldest = 341,
                                 .median = 95,
                                 .exact = pid % 2 == 0,
                                 .oldest_exact = pid % 2 == 0,
                                 .peer = "10.0.0.5:6379"};
  row.close_wait_slope = 1.5;
  return row;
}

Sample looked(std::uint64_t time_waits, std::uint64_t strangers) {
  return {.age = 2.5,
          .interval = 4.1,
          .cost = 0.041,
          .sockets = 45000,
          .time_waits = time_waits,
          .strangers = strangers};
}

Listener web_listener(const char* address, std::uint16_t port) {
  Listener row;
  row.address = address;
  row.port = port;
  row.netns = kNetns;
  row.comm = "nginx";
  row.owners = {1200, 1201, 1202, 1203, 1204};
  row.queue_limit = 511;
  row.listen_backlog = 511;
  row.somaxconn = 4096;
  return row;
}

Destination destination(const char* address) {
  Destination row;
  row.address = address;
  row.netns = kNetns;
  row.workers = {1201, 1202, 1203, 1204};
  return row;
}

void sum_up(Snapshot& snapshot) {
  for (const Worker& row : snapshot.workers) {
    snapshot.delta.connects += row.delta.connects;
    snapshot.delta.established_out += row.delta.established_out;
    snapshot.delta.closes += row.delta.closes;
    for (std::size_t i = 0; i < TW_REASONS; ++i)
      snapshot.delta.failures[i] += row.delta.failures[i];
    for (std::size_t i = 0; i < TW_STATES; ++i) snapshot.states[i] += row.states[i];
    snapshot.delta.connect.merge(row.delta.connect);
    snapshot.delta.kernel.merge(row.delta.kernel);
    snapshot.delta.accept_wait.merge(row.delta.accept_wait);
  }
  for (const Listener& row : snapshot.listeners) {
    snapshot.delta.accepts += row.accepts_delta;
    snapshot.overflows_delta.syn += row.overflows_delta.syn;
    snapshot.overflows_delta.ack += row.overflows_delta.ack;
  }
}

void add_netns(Snapshot& snapshot, std::uint32_t time_wait) {
  Netns row;
  row.inode = kNetns;
  row.total.time_wait = time_wait;
  row.delta.listen_overflows = snapshot.overflows_delta.syn + snapshot.overflows_delta.ack;
  row.delta.listen_drops = row.delta.listen_overflows;
  snapshot.netns.push_back(row);
  snapshot.time_wait = time_wait;
}

}  // namespace

HookChoice hook(const char* signal, const char* mechanism, const char* target, bool chosen,
                const char* note, bool exact) {
  HookChoice row;
  row.signal = signal;
  row.mechanism = mechanism;
  row.target = target;
  row.note = note;
  row.chosen = chosen;
  row.exact = exact;
  return row;
}

Snapshot empty_snapshot() {
  Snapshot snapshot;
  snapshot.realtime_ns = 1'763'689'512'000'000'001;
  snapshot.interval = 1;
  snapshot.host = "web-7";
  snapshot.kernel = "6.18.44";
  snapshot.version = "0.1.0";
  return snapshot;
}

Snapshot healthy_snapshot() {
  Snapshot snapshot = empty_snapshot();
  Worker master = nginx_worker(1200);
  master.cmdline = "nginx: master process /usr/sbin/nginx";
  master.fds = Fds{21, 16384};
  master.states[TW_LISTEN] = 2;
  snapshot.workers.push_back(master);
  for (std::uint32_t pid = 1201; pid <= 1204; ++pid)
    snapshot.workers.push_back(healthy_worker(pid));
  Listener http = web_listener("0.0.0.0:80", 80);
  http.queue_peak = 7;
  http.accepts_delta = 1800;
  timed(http.accept_wait_delta, 0.00008, 1800);
  Listener https = web_listener("[::]:443", 443);
  https.queue_now = 1;
  https.queue_peak = 2;
  https.accepts_delta = 290;
  https.syn_queue = 3;
  timed(https.accept_wait_delta, 0.0001, 290);
  snapshot.listeners = {http, https};
  Destination upstream = destination("10.0.0.9:8080");
  upstream.delta.connects = upstream.delta.established_out = 400;
  upstream.states[TW_ESTABLISHED] = 1200;
  upstream.sockets = SocketFacts{.active = 1150, .idle = 50};
  upstream.ports = Ports{.used = 1200, .available = 28232, .sources = 2};
  snapshot.sample = looked(812, 0);
  timed(upstream.delta.connect, 0.00035, 395);
  timed(upstream.delta.connect, 0.0042, 5);
  timed(upstream.delta.kernel, 0.000004, 400);
  Destination cache = destination("[2001:db8:1234:5678:9abc:def0:1234:5678]:6379");
  cache.delta.connects = cache.delta.established_out = 120;
  cache.states[TW_ESTABLISHED] = 64;
  timed(cache.delta.connect, 0.00021, 120);
  timed(cache.delta.kernel, 0.000003, 120);
  snapshot.destinations.push_back(upstream);
  snapshot.destinations.push_back(cache);
  sum_up(snapshot);
  add_netns(snapshot, 812);
  snapshot.hooks = {hook("states", "tp_btf", "inet_sock_set_state"),
                    hook("accepts", "fentry", "security_sock_graft"),
                    hook("connect_errors", "fentry", "tcp_v4_connect, tcp_v6_connect (exit)"),
                    hook("connect_kernel_time", "field", "tcp_sock.tcp_wstamp_ns"),
                    hook("overflow_syn", "fentry", "tcp_conn_request"),
                    hook("overflow_ack", "fentry", "tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock"),
                    hook("listener_queues", "raw_tp", "test run over all listeners"),
                    hook("socket_table", "raw_tp", "test run over all connections"),
                    hook("owners", "iter", "task_file")};
  return snapshot;
}

Snapshot incident_snapshot() {
  Snapshot snapshot = empty_snapshot();
  for (std::uint32_t pid = 1201; pid <= 1204; ++pid)
    snapshot.workers.push_back(failing_worker(pid));
  Worker idle = nginx_worker(1200);
  idle.cmdline = "nginx: master process /usr/sbin/nginx";
  snapshot.workers.push_back(idle);
  Listener http = web_listener("0.0.0.0:80", 80);
  http.queue_now = 512;
  http.queue_peak = 512;
  http.accepts_delta = 12;
  http.overflows_delta = {1480, 211};
  http.other_drops_delta = 9;
  http.overflows_exact = false;
  http.syn_queue = 496;
  timed(http.accept_wait_delta, 4.1, 12);
  Listener status = web_listener("127.0.0.1:8081", 8081);
  status.queue_limit = 128;
  status.listen_backlog = 128;
  snapshot.listeners = {status, http};
  Destination redis = destination("10.0.0.5:6379");
  redis.delta.connects = 228;
  redis.delta.established_out = 4;
  redis.delta.failures[TW_REASON_EADDRNOTAVAIL] = 224;
  redis.states[TW_ESTABLISHED] = 40;
  timed(redis.delta.connect, 0.019, 4);
  timed(redis.delta.failed, 0.0176, 224);
  timed(redis.delta.kernel, 0.0176, 224);
  redis.sockets = SocketFacts{.active = 40, .time_waits = 28160};
  redis.ports = Ports{.used = 28230,
                      .available = 28232,
                      .reusable = 0,
                      .time_waits = 28190,
                      .sources = 1,
                      .exhausted_in = 0.5};
  snapshot.sample = looked(28230, 70);
  Destination quiet = destination("10.0.0.9:8080");
  quiet.workers = {1203};
  snapshot.destinations.push_back(quiet);
  snapshot.destinations.push_back(redis);
  snapshot.states[TW_SYN_RECV] = 496;
  sum_up(snapshot);
  add_netns(snapshot, 28230);
  snapshot.lost_delta = {.events = 12, .untracked = 3};
  const char* locked = "kernel lockdown (integrity); boot without lockdown, or sign the kernel";
  snapshot.hooks = {
      hook("states", "tp_btf", "inet_sock_set_state"),
      hook("accepts", "fentry", "security_sock_graft", false, locked),
      hook("accepts", "kprobe", "security_sock_graft", false, "this kernel has no kprobes"),
      hook("accepts", "cgroup", "getpeername4, getpeername6", true,
           "accept() without an address buffer gets its worker at close() or at the next sweep; "
           "the wait in the queue is then not measured"),
      hook("connect_errors", "fentry", "tcp_v4_connect, tcp_v6_connect (exit)", false, locked),
      hook("connect_errors", "kprobe", "tcp_v4_connect, tcp_v6_connect (return)", false,
           "this kernel has no kprobes"),
      hook("connect_kernel_time", "field", "tcp_sock.tcp_wstamp_ns"),
      hook("overflow_syn", "poll", "sk_drops of each listener", true, "read once per interval",
           false),
      hook("overflow_ack", "tp_btf", "kfree_skb TCP_LISTEN_OVERFLOW"),
      hook("listener_queues", "raw_tp", "test run over all listeners"),
      hook("socket_table", "raw_tp", "test run over all connections"),
      hook("owners", "iter", "task_file")};
  return snapshot;
}

Snapshot hostile_snapshot() {
  Snapshot snapshot = empty_snapshot();
  snapshot.host = "h\x1b]0;owned\x07ost";
  snapshot.interval = 0;  // no time has passed
  Worker row = failing_worker(4194304);
  row.comm = "\x1b[31mev\xffil\"\\\n";
  row.cmdline = "日本語のとても長いコマンドライン \xe2\x80\xae gnp.exe <script>alert(1)</script>";
  row.cgroup = "/a\tb/../\xc3";
  row.container =
      "\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9"
      "\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9";
  row.alive = false;
  row.delta.accepts = std::numeric_limits<std::uint64_t>::max();
  row.states[TW_ESTABLISHED] = std::numeric_limits<std::int64_t>::max();
  row.fds = Fds{5, 0};
  snapshot.workers.push_back(row);
  Worker unknown;
  unknown.id = {7, 1};
  unknown.comm = "日本語";
  unknown.states[TW_ESTABLISHED] = 1;
  snapshot.workers.push_back(unknown);
  Listener listener = web_listener("[2001:db8:1234:5678:9abc:def0:1234:5678]:65535", 65535);
  listener.comm = "a\rb";
  listener.queue_limit = 0;
  listener.queue_now = std::numeric_limits<std::uint32_t>::max();
  listener.listen_backlog.reset();
  listener.reuseport_group = 1;
  snapshot.listeners = {listener};
  Destination peer = destination("255.255.255.255:65535");
  peer.delta.connects = 3;
  peer.delta.failures[TW_REASON_ABANDONED] = 1;
  peer.delta.failures[15] = 2;
  snapshot.destinations.push_back(peer);
  snapshot.delta.failures[TW_REASON_ABANDONED] = 1;
  snapshot.delta.failures[15] = 2;
  snapshot.hooks = {hook("sta\x1btes\"", "tp\nbtf", "x\xff", true, "", false),
                    hook("accepts", "fentry", "f", false, "no\x1b[2J")};
  return snapshot;
}

TEST(ViewSnapshots, AddUp) { EXPECT_EQ(healthy_snapshot().delta.accepts, 2090u); }

}  // namespace tcpwatch::test
