// SPDX-License-Identifier: Apache-2.0
//
// What `tcpwatch sockets` says to bad input: before anything is loaded, so without root.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/socket_survey.h"
#include "base/address.h"

namespace tcpwatch::test {
namespace {

struct Said {
  int code = 0;
  std::string error;
};

Said sockets(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"tcpwatch", "sockets"});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  testing::internal::CaptureStderr();
  Said said;
  said.code = run(static_cast<int>(argv.size()), argv.data());
  said.error = testing::internal::GetCapturedStderr();
  return said;
}

TEST(CommandSockets, BadInputIsOneLineAndOneRemedy) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> bad = {
      {{"--state", "WAITING"}, "there is no state 'WAITING'"},
      {{"--by", "colour"}, "there is no table by 'colour'"},
      {{"--netns", "no-such-namespace"}, "no-such-namespace"},
      {{"--netns", "/proc/self/stat"}, "is no network namespace"},
      {{"--pid", "4194304"}, "there is no process 4194304"},
      {{"--port", "65536"}, "--port"},
      {{"--watch", "5"}, "--watch"},
      {{"--idle", "0s"}, "--idle"},
      {{"--colour"}, "--colour"}};
  for (const auto& [arguments, words] : bad) {
    const Said said = sockets(arguments);
    EXPECT_EQ(said.code, 64) << arguments[0];
    EXPECT_TRUE(said.error.starts_with("tcpwatch: ")) << said.error;
    EXPECT_NE(said.error.find(words), std::string::npos) << said.error;
    EXPECT_NE(said.error.find("\nhint: "), std::string::npos) << said.error;
    EXPECT_EQ(std::ranges::count(said.error, '\n'), 2) << said.error;
  }
}

// After a server has gone, each of its clients would be a destination.
TEST(SocketsByDestination, WhatAListenerLeftIsNone) {
  NetSysctls settings;
  settings.port_low = 32768;
  settings.port_high = 60999;
  tw_table_key left{};
  left.end = *parse_endpoint("10.0.0.9:45102");
  tw_table_count count{};
  count.states[TW_TIME_WAIT] = 2;
  EXPECT_TRUE(was_accepted(left, count, settings));
  EXPECT_FALSE(was_accepted(left, count, {})) << "the range could not be read";
  tw_table_count made = count;
  made.in_range = 2;
  EXPECT_FALSE(was_accepted(left, made, settings)) << "from a port that connect() chose";
  tw_table_count lives = count;
  lives.states[TW_FIN_WAIT1] = 1;
  EXPECT_FALSE(was_accepted(left, lives, settings));
  tw_table_key held = left;
  held.worker = 7;
  EXPECT_FALSE(was_accepted(held, count, settings));
  tw_table_key service = left;
  service.end = *parse_endpoint("10.0.0.9:2049");  // from a port below 1024: NFS
  EXPECT_FALSE(was_accepted(service, count, settings));
}

}  // namespace
}  // namespace tcpwatch::test
