// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/preflight.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "host/nginx_config.h"
#include "host/process_activity.h"
#include "views/preflight.h"

namespace tcpwatch::test {
namespace {

PreflightFacts good() {
  PreflightFacts facts;
  facts.somaxconn = 4096;
  facts.syncookies = 1;
  facts.tw_reuse = 2;
  facts.timestamps = 1;
  facts.ports = 28232;
  facts.time_wait = 100;
  facts.listeners = {{"0.0.0.0:80", 0, 4096}};
  facts.processes = {{7, "nginx", 40, 16384}};
  facts.nginx = NginxFacts{"/etc/nginx/nginx.conf", 4096, std::nullopt};
  return facts;
}

Check worst(const PreflightFacts& facts) { return preflight(facts).front(); }

void expect_check(const PreflightFacts& facts, Severity severity, const std::string& name) {
  const Check check = worst(facts);
  EXPECT_EQ(check.severity, severity) << check.state;
  EXPECT_EQ(check.name, name) << check.state;
  EXPECT_NE(check.fix, "");
}

TEST(Preflight, GoodLimitsAreOk) {
  for (const Check& check : preflight(good())) {
    EXPECT_EQ(check.severity, Severity::kInfo) << check.name << ": " << check.state;
    EXPECT_EQ(check.fix, "") << check.name;
  }
}

TEST(Preflight, EachLimitHasItsLine) {
  PreflightFacts facts = good();
  facts.listeners = {{"0.0.0.0:80", 0, 511}};
  expect_check(facts, Severity::kWarning, "backlog");
  facts.listeners = {{"0.0.0.0:80", 300, 511}};
  expect_check(facts, Severity::kCritical, "backlog");
  facts = good();
  facts.somaxconn = 128;
  facts.listeners = {{"0.0.0.0:80", 0, 128}};
  expect_check(facts, Severity::kWarning, "somaxconn");
  facts = good();
  facts.time_wait = 20000;
  expect_check(facts, Severity::kWarning, "ports");
  facts.time_wait = 27000;
  expect_check(facts, Severity::kCritical, "ports");
  facts = good();
  facts.timestamps = 0;
  expect_check(facts, Severity::kWarning, "tw_reuse");
  facts.enter = "nsenter --net=/run/netns/shop ";
  EXPECT_TRUE(worst(facts).fix.starts_with("nsenter --net=/run/netns/shop sysctl -w net.ipv4."));
  facts = good();
  facts.conntrack_count = 950;
  facts.conntrack_max = 1000;
  expect_check(facts, Severity::kCritical, "conntrack");
  facts = good();
  facts.processes = {{7, "nginx", 14000, 16384}};
  expect_check(facts, Severity::kWarning, "descriptors");
  EXPECT_EQ(worst(facts).fix, "prlimit --pid 7 --nofile=32768:1048576")
      << "both are the same mostly";
  facts = good();
  facts.nginx->worker_connections = 10000;
  expect_check(facts, Severity::kWarning, "worker_connections");
  facts.nginx->worker_rlimit_nofile = 4000;
  expect_check(facts, Severity::kCritical, "worker_connections");
}

TEST(Preflight, WhatCannotBeReadIsSaid) {
  const auto checks = preflight(PreflightFacts{});
  const auto backlog = std::ranges::find(checks, "backlog", &Check::name);
  ASSERT_NE(backlog, checks.end());
  EXPECT_EQ(backlog->severity, Severity::kWarning);
  EXPECT_NE(backlog->state.find("could not be read"), std::string::npos);
  const auto descriptors = std::ranges::find(checks, "descriptors", &Check::name);
  ASSERT_NE(descriptors, checks.end()) << "of no process";
  EXPECT_EQ(descriptors->severity, Severity::kWarning);
}

TEST(Preflight, TextAndJson) {
  PreflightFacts facts = good();
  facts.listeners = {{"0.0.0.0:80", 0, 511}};
  const std::string text = preflight_text(preflight(facts), Palette::kPlain);
  EXPECT_TRUE(text.starts_with("warning   backlog")) << text;
  EXPECT_NE(text.find("fix: "), std::string::npos);
  const std::string json = preflight_json(preflight(facts), 0);
  EXPECT_NE(json.find(R"("verdict":"warning","checks":[{"name":"backlog","severity":"warning")"),
            std::string::npos)
      << json;
}

TEST(NginxConfig, NumbersOutsideOfComments) {
  constexpr const char* kConfig =
      "# worker_connections 1;\nevents { worker_connections 768; }\nworker_rlimit_nofile\t4096 ;\n"
      "my_worker_connections 3; worker_connectionsx 2;\n";
  EXPECT_EQ(nginx_number(kConfig, "worker_connections"), 768U);
  EXPECT_EQ(nginx_number(kConfig, "worker_rlimit_nofile"), 4096U);
  EXPECT_EQ(nginx_number(kConfig, "worker_aio_requests"), std::nullopt);
  EXPECT_EQ(nginx_number("worker_connections many;", "worker_connections"), std::nullopt);
}

TEST(NginxConfig, PathFromTheCommandLine) {
  EXPECT_EQ(nginx_config_path("nginx: master process /usr/sbin/nginx"), "/etc/nginx/nginx.conf");
  EXPECT_EQ(nginx_config_path("nginx: master process nginx -p /srv/x -c n.conf"), "/srv/x/n.conf");
  EXPECT_EQ(nginx_config_path("nginx: master process nginx -c /a/b.conf"), "/a/b.conf");
}

TEST(ProcessLoad, StateThreadsAndTime) {
  const auto load =
      parse_process_load("12 (a) b) T 1 12 12 0 -1 4194560 1 0 0 0 30 12 0 0 20 0 3 0 100 1 1 1\n");
  ASSERT_TRUE(load);
  EXPECT_EQ(load->state, 'T');
  EXPECT_EQ(load->ticks, 42U);
  EXPECT_EQ(load->threads, 3U);
  EXPECT_FALSE(parse_process_load("12 nothing"));
  EXPECT_FALSE(parse_process_load("12 (x) S 1"));
}

TEST(ProcessLoad, OfThisProcess) {
  const auto activity = read_activity(static_cast<std::uint32_t>(::getpid()));
  ASSERT_TRUE(activity);
  EXPECT_GT(activity->ran_ns, 0U);
  EXPECT_EQ(activity->comm.substr(0, 8), "tcpwatch");
  EXPECT_FALSE(read_activity(4194304));
}

}  // namespace
}  // namespace tcpwatch::test
