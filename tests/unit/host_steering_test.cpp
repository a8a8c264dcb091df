// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/fixed_text.h"
#include "host/steering.h"
#include "support/temp_dir.h"

namespace tcpwatch {
namespace {

TEST(Steering, MasksOfCpus) {
  EXPECT_EQ(parse_cpu_mask("0\n")->cpus, 0U);
  EXPECT_EQ(parse_cpu_mask("5\n")->cpus, 2U);
  EXPECT_EQ(parse_cpu_mask("5\n")->last, 2U);
  EXPECT_EQ(parse_cpu_mask("00000000,00000001\n")->last, 0U);
  EXPECT_EQ(parse_cpu_mask("00000002,00000000\n")->last, 33U);
  EXPECT_EQ(parse_cpu_mask("00000002,00000000\n")->cpus, 1U);
  for (const char* bad : {"", "x", "123456789", "1,x"}) EXPECT_FALSE(parse_cpu_mask(bad)) << bad;
}

TEST(Steering, PacketsByCpu) {
  tw_steering record{};
  record.cpu = 2;
  parse_softnet("0a 0 0 0 0 0 0 0 0 0 0 0 00000000 0 0\n14 0 0 0 0 0 0 0 0 0 0 0 00000002 0 0\n",
                record);
  EXPECT_EQ(record.packets, 30U);
  EXPECT_EQ(record.packets_cpu, 20U) << "CPU 1 is offline";
  tw_steering old{};
  old.cpu = 1;
  parse_softnet("0a 0 0\n14 0 0\n", old);
  EXPECT_EQ(old.packets_cpu, 20U) << "by the line";
}

TEST(Steering, QueuesOfDevices) {
  const test::TempDir dir;
  dir.write("lo/queues/rx-0/rps_cpus", "1\n");
  dir.write("eth0/queues/rx-0/rps_cpus", "1\n");
  dir.write("eth0/queues/rx-1/rps_cpus", "3\n");
  dir.write("eth0/queues/tx-0/xps_cpus", "1\n");
  dir.write("eth1/queues/rx-0/rps_cpus", "0\n");
  tw_steering record{};
  add_masks(record, dir.path());
  EXPECT_EQ(record.queues, 3U);
  EXPECT_EQ(record.to_cpu, 1U);
  EXPECT_EQ(record.unspread, 1U);
  EXPECT_EQ(text_of(record.queue), "eth0 rx-0");
}

}  // namespace
}  // namespace tcpwatch
