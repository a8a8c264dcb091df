// SPDX-License-Identifier: Apache-2.0
//
// A worker that is runnable and gets no CPU: told from one that is stopped, busy or asleep, with
// who or what takes its time; and the edge of each threshold.
#include <gtest/gtest.h>

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {
namespace {

// Of each look, shares of it.
Activity& wants(Ward& ward, double ran, double waited) {
  Activity& seen = ward.does(9, 'R');
  seen.ran = ran * Ward::kInterval;
  seen.waited = waited * Ward::kInterval;
  seen.cpus = 2;
  return seen;
}

Listener& queue(Ward& ward, std::uint32_t waiting, std::uint64_t accepts, double wait = 0) {
  ward.worker(9);
  Listener& row = ward.listener("0.0.0.0:80", {9});
  row.queue_now = row.queue_peak = waiting;
  row.accepts_delta = accepts;
  if (wait > 0) timed(row.accept_wait_delta, wait, accepts);
  return row;
}

std::string summary_of(const Ward& ward, std::string_view id = "worker-not-accepting") {
  const Finding* finding = ward.find(id);
  return finding ? finding->summary : "none";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Starved, WhoTakesNothingForWantOfACpu) {
  Ward ward;
  queue(ward, 12, 0);
  Activity& seen = wants(ward, 0.03, 0.97);
  seen.cpu = 1;
  seen.cpus = 1;
  seen.rival = 77;
  seen.rival_comm = "cc1plus";
  seen.rival_share = 0.95;
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "worker-not-accepting");
  const std::string summary = summary_of(ward);
  EXPECT_TRUE(has(summary, "is runnable but got 3% of a CPU")) << summary;
  EXPECT_TRUE(has(summary, "CPU 1 is taken by cc1plus 77 (95% of it), and it may run on no other"))
      << summary;
  EXPECT_TRUE(has(ward.find("worker-not-accepting")->next_step, "-p 77"));
  EXPECT_TRUE(has(ward.find("worker-not-accepting")->do_not, "it gets no CPU"));
}

TEST(Starved, AQueueOverflowsForWantOfACpu) {
  Ward ward;
  Listener& row = queue(ward, 512, 3);
  row.overflows_delta = {20, 2};
  Activity& seen = wants(ward, 0.05, 0.9);
  seen.limit = 0.05;
  seen.group = "/pod/web";
  seen.periods = 5;
  seen.throttled = 5;
  ward.pass(6);
  EXPECT_EQ(ward.root(), "accept-queue-overflow");
  const std::string summary = summary_of(ward, "accept-queue-overflow");
  EXPECT_TRUE(has(summary, "the limit of cgroup /pod/web (5% of a CPU) is used up")) << summary;
  EXPECT_TRUE(has(ward.find("accept-queue-overflow")->next_step, "/pod/web/cpu."));
}

TEST(Starved, WhoHardlyTakesAny) {
  for (const bool starved : {true, false}) {
    Ward ward;
    queue(ward, 12, 2, 1.5);
    wants(ward, 0.1, starved ? 0.9 : 0);
    ward.pass(6);
    EXPECT_EQ(ward.troubles(), starved ? "worker-not-accepting" : "");
    if (!starved) continue;
    EXPECT_EQ(ward.find("worker-not-accepting")->severity, Severity::kWarning);
    EXPECT_TRUE(has(summary_of(ward), "is late to take connections")) << summary_of(ward);
  }
}

// Whenever it runs it takes all that there are.
TEST(Starved, TheQueueIsEmptyNowAndThen) {
  Ward ward;
  Listener& row = queue(ward, 12, 0);
  wants(ward, 0.01, 0.99);
  ward.pass(10, [&](int look) {
    row.queue_now = look % 2 == 0 ? 12 : 0;
    row.accepts_delta = look % 2 == 0 ? 0 : 12;
    row.accept_wait_delta = {};
    if (look % 2 != 0) timed(row.accept_wait_delta, 0.7, 12);
  });
  EXPECT_EQ(ward.troubles(), "worker-not-accepting");
  ward.listeners.front().accept_wait_delta = {};
  ward.listeners.front().queue_now = 0;
  ward.pass(3.5);
  EXPECT_EQ(ward.troubles(), "") << "it is over";
}

// Bursts that it makes itself, each time that it may run.
TEST(Starved, IsNotABacklogThatIsTooSmall) {
  for (const bool starved : {true, false}) {
    Ward ward;
    Listener& row = queue(ward, 2, 100, 0.09);
    row.queue_limit = 64;
    row.queue_peak = 65;
    row.overflows_delta = {20, 2};
    wants(ward, 0.01, starved ? 0.99 : 0);
    ward.pass(10);
    EXPECT_EQ(ward.root(), starved ? "accept-queue-overflow" : "backlog-capped");
  }
}

// What overflows is told as that, and nothing beside it.
TEST(Starved, IsToldOnce) {
  Ward ward;
  queue(ward, 512, 3, 1.5).overflows_delta = {20, 2};
  wants(ward, 0.05, 0.9);
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "accept-queue-overflow");
}

// Neither its slots nor its clients are why.
TEST(Starved, EndsTheChain) {
  Ward ward;
  queue(ward, 12, 0);
  Worker& row = ward.worker(9);
  row.sockets.emplace().slow = 60;
  row.sockets->active = 60;
  row.states[TW_ESTABLISHED] = 60;
  row.fds = Fds{70, 100};
  wants(ward, 0.01, 0.99);
  ward.pass(6);
  ASSERT_TRUE(ward.find("worker-not-accepting"));
  EXPECT_FALSE(ward.find("worker-not-accepting")->cause);
}

TEST(Starved, BusyBuildsBesideWhoeverIsServed) {
  Ward ward;
  queue(ward, 3, 400, 0.004);
  Activity& seen = wants(ward, 0.2, 0.5);
  seen.rival = 77;
  seen.rival_share = 0.5;
  ward.pass(15);
  EXPECT_EQ(ward.findings().size(), 0U);
}

TEST(Starved, TooManyForTheMachine) {
  Ward ward;
  queue(ward, 12, 0);
  wants(ward, 0.1, 0.9).runnable = 40;
  ward.pass(6);
  EXPECT_TRUE(has(summary_of(ward), "40 tasks of the machine want to run")) << summary_of(ward);
}

TEST(Starved, WhatTheKernelHidesIsNotGuessed) {
  Ward ward;
  queue(ward, 12, 0);
  wants(ward, 0, 0).waited = -1;
  ward.pass(6);
  EXPECT_FALSE(has(summary_of(ward), "runnable but")) << summary_of(ward);
}

// What was minutes ago says nothing of now.
TEST(Starved, OnlyOfLate) {
  Ward ward;
  queue(ward, 12, 0);
  wants(ward, 0, 1);
  ward.pass(6);
  EXPECT_TRUE(has(summary_of(ward), "runnable but"));
  ward.activities[0].waited = 0;
  ward.activities[0].ran = 0;
  ward.activities[0].state = 'S';
  ward.pass(6.5);
  EXPECT_FALSE(has(summary_of(ward), "runnable but")) << summary_of(ward);
}

std::string said(double ran, double waited, double rival = 0, double throttled = 0) {
  Ward ward;
  queue(ward, 12, 0);
  Activity& seen = wants(ward, ran, waited);
  seen.rival = 77;
  seen.rival_share = rival;
  seen.limit = 0.5;
  seen.group = "/web";
  seen.periods = 100;
  seen.throttled = static_cast<std::uint32_t>(throttled * 100);
  ward.pass(6);
  const std::string summary = summary_of(ward);
  if (!has(summary, "runnable but")) return "no";
  return has(summary, "cgroup") ? "limit" : has(summary, "taken by") ? "rival" : "starved";
}

TEST(Edges, StarvedOfTheTimeThatItWants) {
  EXPECT_EQ(said(0.51, 0.49), "no") << "it runs more than it waits";
  EXPECT_EQ(said(0.49, 0.51), "starved");
  EXPECT_EQ(said(0.01, 0.29), "no") << "most of the time it wants none";
  EXPECT_EQ(said(0.01, 0.31), "starved");
}

TEST(Edges, WhyItIsStarved) {
  EXPECT_EQ(said(0.1, 0.9, 0.29), "starved");
  EXPECT_EQ(said(0.1, 0.9, 0.31), "rival");
  EXPECT_EQ(said(0.1, 0.9, 0.9, 0.49), "rival");
  EXPECT_EQ(said(0.1, 0.9, 0.9, 0.51), "limit");
}

TEST(Edges, WaitsBeforeItHardlyTakesAny) {
  for (const double wait : {0.08, 0.13}) {
    Ward ward;
    queue(ward, 12, 2, wait);
    wants(ward, 0.1, 0.9);
    ward.pass(6);
    EXPECT_EQ(ward.troubles(), wait > 0.1 ? "worker-not-accepting" : "") << wait;
  }
}

}  // namespace
}  // namespace tcpwatch::test
