// SPDX-License-Identifier: Apache-2.0
//
// The commands that findings propose do what they say where they are typed: on the host, by whoever
// is on call, while the trouble may be in a container.
#include <gtest/gtest.h>

#include <string>

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {
namespace {

constexpr std::uint32_t kHost = Ward::kNetns - 7;

Destination& fails(Ward& ward, const std::string& address, tw_reason reason, double after) {
  ward.worker(1201);
  Destination& row = ward.destination(address, {1201});
  row.delta.connects = row.delta.failures[reason] = 10;
  timed(row.delta.failed, after, 10);
  return row;
}

std::string step_of(const Ward& ward, std::string_view id) {
  const Finding* finding = ward.find(id);
  return finding ? finding->next_step : "(nothing was found)";
}

TEST(NextStep, OnTheHostIsTheCommandAlone) {
  Ward ward;
  fails(ward, "10.0.0.3:1", TW_REASON_EHOSTUNREACH, 3);
  ward.pass(5);
  EXPECT_TRUE(step_of(ward, "connect-unreachable").starts_with("ip route get 10.0.0.3 "))
      << step_of(ward, "connect-unreachable");
}

TEST(NextStep, InAContainerEntersItsNamespace) {
  Ward ward;
  ward.host_netns = kHost;
  fails(ward, "10.0.0.1:1", TW_REASON_EADDRNOTAVAIL, 0.01);
  fails(ward, "127.0.0.1:2", TW_REASON_ECONNREFUSED, 0.01);
  fails(ward, "10.0.0.3:1", TW_REASON_EHOSTUNREACH, 3);
  fails(ward, "10.0.0.4:1", TW_REASON_ETIMEDOUT, 30);
  ward.netns.total.time_wait = 28'000;
  ward.pass(5);
  for (const auto& [id, command] :
       {std::pair("ephemeral-port-exhaustion", "sysctl -w net.ipv4.tcp_tw_reuse=1"),
        std::pair("connect-refused", "ss -lnt"), std::pair("connect-unreachable", "ip route get"),
        std::pair("connect-timeout", "ping -c 3")})
    EXPECT_TRUE(step_of(ward, id).starts_with(std::string("nsenter -t 1201 -n ") + command))
        << step_of(ward, id);
}

// What is to be looked at there is another machine's, or sees all namespaces.
TEST(NextStep, OnThePeerNeedsNoEntering) {
  Ward ward;
  ward.host_netns = kHost;
  fails(ward, "10.0.0.2:1", TW_REASON_ECONNREFUSED, 0.01);
  ward.pass(5);
  EXPECT_TRUE(step_of(ward, "connect-refused").starts_with("ss -lnt "))
      << step_of(ward, "connect-refused");
}

TEST(NextStep, WhoHasEndedIsNoWayIn) {
  Ward ward;
  ward.host_netns = kHost;
  fails(ward, "10.0.0.3:1", TW_REASON_EHOSTUNREACH, 3);
  ward.worker(1201).alive = false;
  ward.pass(5);
  EXPECT_TRUE(
      step_of(ward, "connect-unreachable")
          .starts_with("in network namespace " + std::to_string(Ward::kNetns) + ": ip route"))
      << step_of(ward, "connect-unreachable");
  ward.worker(1300);
  ward.pass(1);
  EXPECT_TRUE(step_of(ward, "connect-unreachable").starts_with("nsenter -t 1300 -n ip route"))
      << step_of(ward, "connect-unreachable");
}

// prlimit refuses a soft limit above the hard one, and servers set both to the same.
TEST(NextStep, RaisesTheHardLimitOfDescriptorsToo) {
  Ward ward;
  ward.worker(1201).fds = Fds{60, 60};
  ward.pass(5);
  EXPECT_TRUE(
      step_of(ward, "fd-exhaustion").starts_with("prlimit --pid 1201 --nofile=120:1048576 "))
      << step_of(ward, "fd-exhaustion");
}

// The kernel's stack of who runs is empty.
TEST(NextStep, ShowsTheThreadsOfWhoIsOnTheCpu) {
  for (const bool runs : {true, false}) {
    Ward ward;
    Listener& http = ward.listener("0.0.0.0:80", {1201});
    http.queue_now = http.queue_peak = 512;
    ward.worker(1201);
    Activity& seen = ward.does(1201, runs ? 'R' : 'S', runs ? "" : "futex_wait");
    seen.ran = runs ? seen.looked : 0;
    ward.pass(8);
    const std::string step = step_of(ward, "worker-not-accepting");
    EXPECT_TRUE(step.starts_with(runs ? "top -H -p 1201 " : "cat /proc/1201/stack ")) << step;
  }
}

TEST(NextStep, IsOneForAllThatAStoppedWorkerCauses) {
  Ward ward;
  Listener& http = ward.listener("0.0.0.0:80", {1201});
  http.queue_now = http.queue_peak = http.queue_limit + 1;
  http.overflows_delta.syn = 20;
  ward.worker(1201);
  ward.does(1201, 'T', "do_signal_stop");
  ward.pass(8);
  for (const char* id : {"worker-not-accepting", "accept-queue-overflow"})
    EXPECT_TRUE(step_of(ward, id).starts_with("kill -CONT 1201 ")) << id << step_of(ward, id);
}

// The server is in another container of this machine.
TEST(Chains, AFullQueueNextDoorExplainsTheSilence) {
  for (const char* address : {"10.0.0.4:80", "0.0.0.0:80", "127.0.0.1:80"}) {
    const std::string destination =
        std::string(address).starts_with("127") ? address : "10.0.0.4:80";
    Ward ward;
    fails(ward, destination, TW_REASON_ETIMEDOUT, 30);
    Listener& queue = ward.listener(address, {77}, 4);
    queue.netns = Ward::kNetns + 1;
    queue.queue_now = queue.queue_peak = 5;
    queue.overflows_delta = {20, 1};
    ward.worker(77, "app").netns = Ward::kNetns + 1;
    ward.pass(8);
    const Finding* silence = ward.find("connect-timeout");
    ASSERT_NE(silence, nullptr);
    EXPECT_EQ(silence->cause.has_value(), std::string(address) == "10.0.0.4:80") << address;
  }
}

// While there is no way, handshakes wait until the kernel says so.
TEST(NextStep, OfNoWayIsNotThatOfSilence) {
  Ward ward;
  ward.add_hook("connect_errors", false);
  Destination& row = fails(ward, "10.0.0.3:1", TW_REASON_EHOSTUNREACH, 3);
  row.states[TW_SYN_SENT] = 30;
  ward.pass(8);
  const Finding* silence = ward.find("connect-timeout");
  ASSERT_NE(silence, nullptr);
  EXPECT_EQ(ward.root(), "connect-unreachable") << "though it is less sure";
  ASSERT_TRUE(silence->cause.has_value());
  EXPECT_EQ(silence->cause->id, "connect-unreachable");
  row.delta.failures = {};
  row.delta.connects = 0;
  row.delta.failed = {};
  ward.pass(20);
  EXPECT_EQ(ward.root(), "connect-timeout");
}

}  // namespace
}  // namespace tcpwatch::test
