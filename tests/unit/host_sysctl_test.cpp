// SPDX-License-Identifier: Apache-2.0
#include "host/sysctl.h"

#include <gtest/gtest.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fixed_text.h"
#include "events/batch.h"
#include "support/temp_dir.h"

namespace tcpwatch {
namespace {

TEST(Sysctl, Fixture) {
  const test::TempDir proc;
  proc.write("sys/net/core/somaxconn", "4096\n");
  proc.write("sys/net/ipv4/tcp_max_syn_backlog", "3240000\n");
  proc.write("sys/net/ipv4/tcp_tw_reuse", "2\n");
  proc.write("sys/net/ipv4/tcp_syncookies", "oops\n");
  proc.write("sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  proc.write("sys/net/ipv4/ip_local_reserved_ports", "8080,32767-32769,40000,60990-61100\n");
  const NetSysctls sysctls = read_net_sysctls(proc.path());
  EXPECT_EQ(sysctls.somaxconn, 4096u);
  EXPECT_EQ(sysctls.tcp_max_syn_backlog, 3240000u);
  EXPECT_EQ(sysctls.tcp_tw_reuse, 2u);
  EXPECT_FALSE(sysctls.tcp_syncookies) << "no number";
  EXPECT_FALSE(sysctls.tcp_timestamps) << "no file";
  EXPECT_EQ(sysctls.port_low, 32768u);
  EXPECT_EQ(sysctls.port_high, 60999u);
  EXPECT_EQ(sysctls.ports_reserved, 2u + 1 + 10);
  EXPECT_EQ(sysctls.ports_available(), 28232u - 13);
}

TEST(Sysctl, NothingThere) {
  const NetSysctls sysctls = read_net_sysctls("/nonexistent");
  EXPECT_FALSE(sysctls.somaxconn);
  EXPECT_FALSE(sysctls.ports_available());
}

TEST(Sysctl, EmptyReservedPorts) {
  const test::TempDir proc;
  proc.write("sys/net/ipv4/ip_local_port_range", "1000\t1009\n");
  proc.write("sys/net/ipv4/ip_local_reserved_ports", "\n");
  EXPECT_EQ(read_net_sysctls(proc.path()).ports_available(), 10u);
}

TEST(Sysctl, ThisHost) {
  const NetSysctls sysctls = read_net_sysctls();
  EXPECT_TRUE(sysctls.somaxconn);
  EXPECT_TRUE(sysctls.tcp_timestamps);
  EXPECT_TRUE(sysctls.tcp_fin_timeout);
  ASSERT_TRUE(sysctls.ports_available());
  EXPECT_LE(*sysctls.ports_available(), 65536u);
}

TEST(HostRecord, SaysWhereWeAre) {
  const tw_host host = host_record(7, 8, "0.1.0");
  EXPECT_TRUE(decode(std::as_bytes(std::span(&host, 1))));
  EXPECT_EQ(host.header.time, 7u);
  EXPECT_EQ(host.realtime_ns, 8u);
  EXPECT_EQ(host.abi_version, TW_ABI_VERSION + 0u);
  EXPECT_GE(host.cpus, 1u);
  utsname names{};
  ::uname(&names);
  EXPECT_EQ(text_of(host.kernel), names.release);
  EXPECT_EQ(text_of(host.hostname), names.nodename);
  EXPECT_EQ(text_of(host.version), "0.1.0");
}

}  // namespace
}  // namespace tcpwatch
