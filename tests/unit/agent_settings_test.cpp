// SPDX-License-Identifier: Apache-2.0
//
// The agent's settings: which source wins, and what a mistake is answered with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "app/agent/settings.h"
#include "app/agent/triggers.h"
#include "base/unique_fd.h"
#include "diagnosis/threshold_names.h"
#include "support/random.h"
#include "support/temp_dir.h"
#include "unit/cli_call.h"

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string told(std::string_view toml) {
  Settings settings;
  std::string text;
  for (const FileMistake& mistake : apply_text(settings, toml))
    text += mistake_text("f.toml", mistake) + "\n";
  return text;
}

TEST(AgentSettings, EveryDefaultIsAValueOfItsOwn) {
  const Settings defaults;
  for (const Setting& setting : setting_table()) {
    Settings changed;
    const std::string shown = setting.shown(defaults);
    EXPECT_TRUE(setting.set(changed, shown)) << setting.name << ": " << shown;
    EXPECT_EQ(setting.shown(changed), shown) << setting.name;
  }
}

TEST(AgentSettings, TheFileSetsAllKinds) {
  Settings settings;
  const auto mistakes = apply_text(settings, R"(
max-series = 50
deny = ["fentry", "kprobe"]
pid-label = false
[web]
listen-address = "[::1]:9999"
[capture]
before = "30s"
memory = "8M"
detail = "failures"
max-closes = 0
[thresholds]
close-wait = 5000
fail-share = 0.25
[[trigger]]
finding = "fd-exhaustion"
severity = "warning"
[[trigger]]
metric = "tcpwatch_connect_failures_total"
process = "nginx"
above = 10
for = "30s"
[[nginx]]
status_url = "http://127.0.0.1:8080/status"
timeout = "200ms"
)");
  EXPECT_THAT(mistakes, IsEmpty());
  EXPECT_EQ(settings.max_series, 50u);
  EXPECT_EQ(settings.deny, (std::vector<std::string>{"fentry", "kprobe"}));
  EXPECT_FALSE(settings.pid_label);
  EXPECT_EQ(settings.web_address, "[::1]:9999");
  EXPECT_EQ(settings.capture_before, std::chrono::seconds(30));
  EXPECT_EQ(settings.capture_memory, 8u << 20);
  EXPECT_EQ(settings.capture_detail, "failures");
  EXPECT_EQ(settings.capture_closes, 0u);
  EXPECT_EQ(settings.thresholds.close_wait, 5000);
  EXPECT_EQ(settings.thresholds.fail_share, 0.25);
  ASSERT_EQ(settings.triggers.size(), 2u);
  EXPECT_EQ(settings.triggers[1].hold, 30);
  ASSERT_EQ(settings.nginx.size(), 1u);
  EXPECT_EQ(settings.nginx[0].timeout, 0.2);
}

TEST(AgentSettings, AMistakeNamesLineKeyAndTheNearestKey) {
  EXPECT_EQ(told("[web]\nlisten-adress = \"x\"\n"),
            "f.toml:2: web.listen-adress: no such key; did you mean web.listen-address?\n");
  EXPECT_EQ(told("\n\nmax_series = 5\n"),
            "f.toml:3: max_series: no such key; did you mean max-series?\n");
  EXPECT_THAT(told("max-series = \"many\"\n"), HasSubstr("f.toml:1: max-series: a whole number"));
  EXPECT_THAT(told("[capture]\ndetail = \"all\"\n"), HasSubstr("failures or connections"));
  EXPECT_THAT(told("[capture]\nmax-closes = 5000000\n"), HasSubstr("at most a million"));
  EXPECT_THAT(told("interval = 1\n"), HasSubstr("f.toml:1: interval: '1' is no duration"));
  EXPECT_THAT(told("[thresholds]\nclose-wait = 1.5\n"), HasSubstr(":2: thresholds.close-wait: "));
  EXPECT_THAT(told("[thresholds]\nclose-wiat = 1\n"), HasSubstr("did you mean close-wait?"));
  EXPECT_THAT(told("[[trigger]]\nfinding = \"fd-exhaustoin\"\n"),
              HasSubstr("did you mean fd-exhaustion?"));
  EXPECT_THAT(told("[[nginx]]\nstatus_url = \"ftp://x\"\n"), HasSubstr("an http:// URL"));
  EXPECT_THAT(told("[[nginx]]\n"), HasSubstr("f.toml:1: nginx.status_url: is missing"));
  EXPECT_THAT(told("[web\n"), HasSubstr("f.toml:1: "));
  EXPECT_THAT(told("web = 3\n"), HasSubstr("web: no such key"));
  EXPECT_THAT(told("thresholds = 3\n"), HasSubstr("a table is wanted"));
  EXPECT_THAT(told("a.b.c.d = 3\n"), HasSubstr("f.toml:1: a.b"));
}

TEST(AgentSettings, AllMistakesAreToldAndTheRestIsTaken) {
  Settings settings;
  const auto mistakes = apply_text(settings, "max-series = 7\nx = 1\n[capture]\nmax-files = -1\n");
  ASSERT_EQ(mistakes.size(), 2u);
  EXPECT_EQ(mistakes[0].line, 2u);
  EXPECT_EQ(mistakes[1].line, 4u);
  EXPECT_EQ(settings.max_series, 7u);
}

TEST(AgentSettings, HostileTextIsAMistakeAndNoMore) {
  EXPECT_NE(told(std::string(200'000, '[')), "");
  EXPECT_EQ(told("a = 1\n\n[[[\nb = 2\n"), "f.toml:3: a key or a value is wanted here\n");
  EXPECT_EQ(told("[\\}"), "f.toml:1: a key or a value is wanted here\n");
  EXPECT_THAT(told(std::string("a = 1\n\xff\xfe\0x = 1", 14)), HasSubstr("f.toml:2: a byte"));
  EXPECT_THAT(told(std::string("\0", 1)), HasSubstr("f.toml:1: a byte"));
  EXPECT_EQ(told(std::string(100, 'k') + " = 1\n").find('\x1b'), std::string::npos);
  EXPECT_THAT(told("\"a\\u001b[2J\" = 1\n"), HasSubstr("\\x1b[2J"));
}

TEST(AgentSettings, HostileValuesAreMistakesAndNoMore) {
  EXPECT_THAT(told("max-series = \"99999999999999999999999\"\n"), HasSubstr("too large a number"));
  EXPECT_THAT(told("max-series = -1\n"), HasSubstr("a whole number is wanted"));
  for (const char* duration : {"1ns", "0s", "-5s", "9ms", "2h", "99999999999d", "1e9s"})
    for (const char* key : {"interval", "push.interval"})
      EXPECT_NE(told(std::string(key) + " = \"" + duration + "\"\n"), "") << key << duration;
  for (const char* url : {"http://127.0.0.1:99999999999/", "http://127.0.0.1:0/", "http://:80/",
                          "http://[::1/", "http://a@b/", "http://h:8o/", "http://[::1]x/"}) {
    EXPECT_THAT(told(std::string("[[nginx]]\nstatus_url = \"") + url + "\"\n"),
                HasSubstr("an http:// URL is wanted"));
    EXPECT_THAT(told(std::string("push.otlp = \"") + url + "\"\n"), HasSubstr("no URL"));
  }
  EXPECT_EQ(told("push.otlp = \"https://[::1]:4318/v1\"\n[[nginx]]\nstatus_url=\"http://h\"\n"),
            "");
  for (const char* timeout : {"0s", "61s", "1000h"})
    EXPECT_THAT(
        told(std::string("[[nginx]]\nstatus_url = \"http://h/\"\ntimeout = \"") + timeout + "\"\n"),
        HasSubstr("at most 60s"));
}

// Each table in a table is a call in a call when they are freed.
TEST(AgentSettings, DeepKeysDoNotEndTheProgram) {
  std::string deep = "a";
  for (int i = 0; i < 400'000; ++i) deep += ".a";
  for (const std::string& text : {deep + " = 1\n", "[" + deep + "]\n", "x = {" + deep + " = 1}\n"})
    EXPECT_THAT(told("# a.b\n" + text), HasSubstr("f.toml:2: more than 100 dots"));
  EXPECT_EQ(told("# " + deep + "\nmax-series = 7\n"), "");
}

TEST(AgentSettings, AnEndlessListOfMistakesHasAnEnd) {
  std::string many;
  for (int i = 0; i < 90'000; ++i) many += "k" + std::to_string(i) + " = 1\n";
  Settings settings;
  EXPECT_EQ(apply_text(settings, many).size(), 100u);
  EXPECT_LT(told(std::string(1'000'000, 'k') + " = 1\n").size(), 500u);
}

// At SIGHUP whatever waits is a stop of the service.
TEST(AgentSettings, WhatCouldMakeItWaitIsNotRead) {
  const TempDir folder;
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  Settings settings;
  const auto first = [&](const std::string& path) {
    const auto mistakes = apply_file(settings, path, Reading::kAgain);
    return mistakes.empty() ? "" : mistakes.front().what;
  };
  EXPECT_THAT(first(pipe), HasSubstr("is a pipe"));
  EXPECT_EQ(first("/dev/ptmx"), "cannot be read");
  EXPECT_EQ(first(folder.path()), "cannot be read");
  EXPECT_THAT(first("/dev/zero"), HasSubstr("larger than 1 MiB"));
  EXPECT_EQ(first("/dev/null"), "");
}

// `kubectl get configmap … | tcpwatch agent --check-config --config /dev/stdin`
TEST(AgentSettings, APipeIsReadToItsEndAtTheStart) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd out(ends[0]);
  constexpr std::string_view kText = "interval = \"7s\"\n";
  ASSERT_EQ(::write(ends[1], kText.data(), kText.size()), std::ssize(kText));
  ::close(ends[1]);
  Settings settings;
  EXPECT_TRUE(apply_file(settings, "/proc/self/fd/" + std::to_string(ends[0])).empty());
  EXPECT_EQ(settings.interval, std::chrono::seconds(7));
}

TEST(AgentSettings, NoTextEndsTheProgram) {
  Random random;
  constexpr std::string_view kLetters = "[]=.,\"'{}#\n a1-_\\u\tx";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t left = random.number(1, 12); left > 0; --left)
      text += kLetters[random.number(0, kLetters.size() - 1)];
    SCOPED_TRACE(text);
    (void)told(text);
  }
}

TEST(AgentSettings, EveryThresholdHasAName) {
  for (const ThresholdName& known : threshold_names()) {
    Thresholds thresholds;
    EXPECT_EQ(set_threshold(thresholds, known.name, 12), ThresholdSet::kDone) << known.name;
    std::visit([&](auto member) { EXPECT_EQ(static_cast<double>(thresholds.*member), 12); },
               known.member);
  }
}

TEST(AgentSettings, FlagsWinOverTheEnvironmentWhichWinsOverTheFile) {
  const TempDir folder;
  folder.write("a.toml", "max-series = \"wrong\"\n");
  const std::string file = folder.path() + "/a.toml";
  // What is wrong in the file is told even where a flag would win.
  EXPECT_EQ(call({"agent", "--check-config", "--config", file}).code, 65);
  folder.write("a.toml", "interval = \"5s\"\n");
  EXPECT_EQ(call({"agent", "--check-config", "--config", file}).code, 0);
  ::setenv("TCPWATCH_MAX_SERIES", "lots", 1);
  const Answer environment = call({"agent", "--check-config", "--config", file});
  ::unsetenv("TCPWATCH_MAX_SERIES");
  EXPECT_EQ(environment.code, 64);
  EXPECT_THAT(environment.err, HasSubstr("TCPWATCH_MAX_SERIES: a whole number"));
  const Answer flag = call({"agent", "--check-config", "--config", file, "--max-series", "some"});
  EXPECT_EQ(flag.code, 64);
  EXPECT_THAT(flag.err, HasSubstr("--max-series: a whole number"));
  EXPECT_EQ(call({"agent", "--check-config", "--config", folder.path() + "/none"}).code, 65);
}

}  // namespace
}  // namespace tcpwatch::test
