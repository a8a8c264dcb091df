// SPDX-License-Identifier: Apache-2.0
//
// Receive steering: how many packets each CPU took in (/proc/net/softnet_stat, of the whole
// machine), and the masks of a namespace's receive queues (rps_cpus). The masks are in sysfs, which
// shows the devices of the namespace that it was mounted in: it is mounted anew, where no path
// leads to, by a thread that is in there. Needs CAP_SYS_ADMIN, but for our own namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/netns_find.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

// `record.cpu` and `record.netns` say which; what could not be read stays 0.
void read_packets(tw_steering& record, const std::string& proc = "/proc");
void read_masks(tw_steering& record, const NetnsRef& netns);
// The same of a folder such as /sys/class/net.
void add_masks(tw_steering& record, const std::string& devices);

// Pure. A line for each CPU that is online.
void parse_softnet(std::string_view text, tw_steering& record);
// "00000000,00000005": CPUs 0 and 2.
struct CpuMask {
  std::uint32_t cpus = 0;  // how many
  std::uint32_t last = 0;  // the highest of them
};
std::optional<CpuMask> parse_cpu_mask(std::string_view text);

}  // namespace tcpwatch
