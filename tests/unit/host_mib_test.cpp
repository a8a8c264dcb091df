// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "host/mib.h"
#include "host/proc_file.h"
#include "support/random.h"
#include "support/temp_dir.h"

namespace tcpwatch {
namespace {

TEST(Mib, ReadsSnmp) {
  tw_netns netns{};
  EXPECT_TRUE(
      parse_mib("Ip: Forwarding DefaultTTL OutNoRoutes\n"
                "Ip: 2 64 7\n"
                "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens "
                "AttemptFails EstabResets CurrEstab\n"
                "Tcp: 1 200 120000 -1 197 168 6 5 4\n"
                "Udp: InDatagrams\n"
                "Udp: 62\n",
                netns));
  EXPECT_EQ(netns.out_no_routes, 7u);
  EXPECT_EQ(netns.active_opens, 197u);
  EXPECT_EQ(netns.passive_opens, 168u);
  EXPECT_EQ(netns.attempt_fails, 6u);
  EXPECT_EQ(netns.estab_resets, 5u);
}

TEST(Mib, ReadsNetstat) {
  tw_netns netns{};
  EXPECT_TRUE(
      parse_mib("TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed TW ListenOverflows "
                "ListenDrops TCPReqQFullDoCookies TCPReqQFullDrop\n"
                "TcpExt: 1 2 3 99 4 5 98 6\n"
                "IpExt: InNoRoutes\nIpExt: 0\n",
                netns));
  EXPECT_EQ(netns.cookies_sent, 1u);
  EXPECT_EQ(netns.cookies_received, 2u);
  EXPECT_EQ(netns.cookies_failed, 3u);
  EXPECT_EQ(netns.listen_overflows, 4u);
  EXPECT_EQ(netns.listen_drops, 5u);
  EXPECT_EQ(netns.reqq_full_drop, 6u);
}

TEST(Mib, ColumnsMayMove) {
  tw_netns netns{};
  EXPECT_TRUE(parse_mib("Tcp: New PassiveOpens Other ActiveOpens\nTcp: 9 2 8 1\n", netns));
  EXPECT_EQ(netns.active_opens, 1u);
  EXPECT_EQ(netns.passive_opens, 2u);
}

TEST(Mib, WhatIsMissingStays) {
  tw_netns netns{};
  netns.active_opens = 42;
  EXPECT_TRUE(parse_mib("Tcp: PassiveOpens\nTcp: 2\n", netns));
  EXPECT_EQ(netns.active_opens, 42u);
}

TEST(Mib, FewerValuesThanNames) {
  tw_netns netns{};
  EXPECT_TRUE(parse_mib("Tcp: ActiveOpens PassiveOpens\nTcp: 1\n", netns));
  EXPECT_EQ(netns.active_opens, 1u);
  EXPECT_EQ(netns.passive_opens, 0u);
}

TEST(Mib, NamesBelongToTheirProtocol) {
  tw_netns netns{};
  EXPECT_FALSE(
      parse_mib("TcpExt: ActiveOpens\nTcpExt: 1\nMPTcpExt: ListenOverflows\n"
                "MPTcpExt: 3\nIpExt: OutNoRoutes\nIpExt: 4\n",
                netns));
  EXPECT_EQ(netns.active_opens, 0u);
  EXPECT_EQ(netns.listen_overflows, 0u);
}

TEST(Mib, AHeaderWithoutValuesDoesNotSpoilTheNext) {
  tw_netns netns{};
  EXPECT_TRUE(parse_mib("IcmpMsg: InType3\nTcp: ActiveOpens\nTcp: 5\n", netns));
  EXPECT_EQ(netns.active_opens, 5u);
}

TEST(Mib, RefusesWhatIsNoNumber) {
  tw_netns netns{};
  EXPECT_FALSE(parse_mib("Tcp: ActiveOpens\nTcp: -1\n", netns));
  EXPECT_FALSE(parse_mib("Tcp: ActiveOpens\nTcp: 99999999999999999999\n", netns));
  EXPECT_FALSE(parse_mib("Tcp: ActiveOpens\nTcp: 0x1\n", netns));
  EXPECT_FALSE(parse_mib("", netns));
  EXPECT_EQ(netns.active_opens, 0u);
}

TEST(Mib, LargestNumber) {
  tw_netns netns{};
  EXPECT_TRUE(parse_mib("Tcp: ActiveOpens\nTcp: 18446744073709551615", netns));
  EXPECT_EQ(netns.active_opens, ~0ull);
}

TEST(Sockstat, Reads) {
  tw_netns netns{};
  EXPECT_TRUE(
      parse_sockstat("sockets: used 14\n"
                     "TCP: inuse 1 orphan 0 tw 210000 alloc 2 mem 0\n"
                     "UDP: inuse 0 mem 0\n",
                     netns));
  EXPECT_EQ(netns.time_wait, 210000u);
  EXPECT_TRUE(parse_sockstat("TCP: tw 3 inuse 1\n", netns));
  EXPECT_EQ(netns.time_wait, 3u);
}

TEST(Sockstat, Refuses) {
  tw_netns netns{};
  for (const char* text : {"", "TCP:", "TCP: tw", "TCP: tw x", "TCP: inuse 1", "UDP: tw 3\n",
                           "TCP: tw -1", "TCP6: tw 3\n"}) {
    EXPECT_FALSE(parse_sockstat(text, netns)) << text;
  }
}

TEST(Mib, ThisKernel) {
  std::string text;
  tw_netns netns{};
  ASSERT_TRUE(read_file("/proc/net/snmp", text));
  EXPECT_TRUE(parse_mib(text, netns));
  ASSERT_TRUE(read_file("/proc/net/netstat", text));
  for (const char* name : {"ListenOverflows", "ListenDrops", "TCPReqQFullDrop", "SyncookiesSent",
                           "SyncookiesRecv", "SyncookiesFailed"}) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
  EXPECT_TRUE(parse_mib(text, netns));
  ASSERT_TRUE(read_file("/proc/net/sockstat", text));
  EXPECT_TRUE(parse_sockstat(text, netns));
}

TEST(MibProperty, RandomTextNeverCrashes) {
  test::Random random;
  constexpr std::string_view kPieces[] = {"Tcp:",        "TcpExt:",     "Ip:", " ",   "\n",
                                          "ActiveOpens", "TCP:",        "tw",  "1",   "-",
                                          ":",           "ListenDrops", "\t",  "\xff"};
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto count = random.number(0, 30); count > 0; --count) {
      text += kPieces[random.number(0, std::size(kPieces) - 1)];
    }
    tw_netns netns{};
    (void)parse_mib(text, netns);
    (void)parse_sockstat(text, netns);
  }
}

TEST(ProcFile, ReadsAndBounds) {
  std::string text = "old";
  EXPECT_FALSE(read_file("/proc/self/nonexistent", text));
  EXPECT_TRUE(text.empty());
  EXPECT_TRUE(read_file("/proc/self/stat", text, 10));
  EXPECT_EQ(text.size(), 10u);
  const test::TempDir folder;
  folder.write("large", std::string(10000, 'x'));
  EXPECT_TRUE(read_file(folder.path() + "/large", text));
  EXPECT_EQ(text, std::string(10000, 'x'));
  EXPECT_FALSE(read_file(folder.path(), text));
}

TEST(ProcFile, Cuts) {
  std::string_view rest = "a:b::c";
  EXPECT_EQ(take_until(rest, ':'), "a");
  EXPECT_EQ(take_until(rest, ':'), "b");
  EXPECT_EQ(take_until(rest, ':'), "");
  EXPECT_EQ(take_until(rest, ':'), "c");
  EXPECT_EQ(take_until(rest, ':'), "");
  rest = "  one\t two ";
  EXPECT_EQ(take_word(rest), "one");
  EXPECT_EQ(take_word(rest), "two");
  EXPECT_EQ(take_word(rest), "");
}

TEST(ProcFile, Numbers) {
  EXPECT_EQ(to_number("0"), 0u);
  EXPECT_EQ(to_number<std::uint32_t>("4294967295"), 4294967295u);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1x", "4294967296"}) {
    EXPECT_FALSE(to_number<std::uint32_t>(text)) << text;
  }
}

}  // namespace
}  // namespace tcpwatch
