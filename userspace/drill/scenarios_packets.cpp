// SPDX-License-Identifier: Apache-2.0
//
// Drills with what happens to packets before TCP sees them.
#include <linux/if_link.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/veth.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "base/unique_fd.h"
#include "drill/actor.h"
#include "drill/netlink.h"
#include "drill/network.h"
#include "drill/scenario.h"

namespace tcpwatch {
namespace {

constexpr std::uint32_t kServer = 0xc0000201;  // 192.0.2.1
constexpr std::uint32_t kClient = 0xc0000202;
constexpr unsigned kLargestTable = 1'000'000;

struct nfgenmsg of_ipv4() { return {AF_INET, NFNETLINK_V0, 0}; }

// Two ends of a cable: one here, one in the network namespace of a process.
void lay_cable(const char* here, const char* there, pid_t where) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
  request.put_text(IFLA_IFNAME, here);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  request.put_text(IFLA_INFO_KIND, "veth");
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t other = request.begin(VETH_INFO_PEER);
  request.skip(sizeof(ifinfomsg));
  request.put_text(IFLA_IFNAME, there);
  request.put_value(IFLA_NET_NS_PID, where);
  request.end(other);
  request.end(data);
  request.end(info);
  request.send(NETLINK_ROUTE, "veth");
}

// /sys shows the devices of the namespace that it was mounted in.
void receive_on_first_cpu(const char* link) {
  must(::unshare(CLONE_NEWNS), "unshare");
  must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount");
  must(::mount("sysfs", "/sys", "sysfs", 0, nullptr), "sysfs");
  std::ofstream mask("/sys/class/net/" + std::string(link) + "/queues/rx-0/rps_cpus");
  if (!(mask << "1" << std::flush)) give_up("rps_cpus cannot be set");
}

void put_end(NetlinkRequest& request, int direction, std::uint32_t from, std::uint32_t to,
             std::uint16_t from_port, std::uint16_t to_port) {
  const std::size_t tuple = request.begin(direction | NLA_F_NESTED);
  const std::size_t ip = request.begin(CTA_TUPLE_IP | NLA_F_NESTED);
  request.put_value(CTA_IP_V4_SRC, htonl(from));
  request.put_value(CTA_IP_V4_DST, htonl(to));
  request.end(ip);
  const std::size_t ports = request.begin(CTA_TUPLE_PROTO | NLA_F_NESTED);
  request.put_value(CTA_PROTO_NUM, static_cast<std::uint8_t>(IPPROTO_UDP));
  request.put_value(CTA_PROTO_SRC_PORT, htons(from_port));
  request.put_value(CTA_PROTO_DST_PORT, htons(to_port));
  request.end(ports);
  request.end(tuple);
}

// An entry as a packet between two hosts far away would make one, which lasts ten minutes.
void track(int socket, std::uint32_t number) {
  const std::uint32_t host = kSilentNetwork + number / 50'000;
  const auto port = static_cast<std::uint16_t>(1 + number % 50'000);
  NetlinkRequest request(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL,
                         of_ipv4());
  put_end(request, CTA_TUPLE_ORIG, host, kServer, port, kDrillPort);
  put_end(request, CTA_TUPLE_REPLY, kServer, host, kDrillPort, port);
  request.put_value(CTA_TIMEOUT, htonl(600));
  request.send_to(socket, "connection tracking");
}

unsigned tracking_limit() {
  std::ifstream file("/proc/sys/net/netfilter/nf_conntrack_max");
  unsigned limit = 0;
  if (!(file >> limit)) give_up("this kernel tracks no connections (nf_conntrack is not loaded)");
  if (limit > kLargestTable) give_up("nf_conntrack_max is too large to be filled for a drill");
  return limit;
}

}  // namespace

// Two workers choose their socket by CPU, and one CPU takes in all that comes by the cable.
void play_cpu_steering() {
  std::array<int, 2> ready{};
  std::array<int, 2> laid{};
  must(::pipe(ready.data()), "pipe");
  must(::pipe(laid.data()), "pipe");
  const pid_t client = start_actor("client", [&] {
    must(::unshare(CLONE_NEWNET), "unshare");
    char byte = 0;
    must(static_cast<int>(::write(ready[1], &byte, 1)), "pipe");
    must(static_cast<int>(::read(laid[0], &byte, 1)), "pipe");
    plug_in("drill1", kClient);
    Held held(60);
    for (;;) {
      held.add(begin_connect(kServer, kDrillPort));
      sleep_ms(10);
    }
  });
  char byte = 0;
  must(static_cast<int>(::read(ready[0], &byte, 1)), "pipe");
  lay_cable("drill0", "drill1", client);
  plug_in("drill0", kServer);
  receive_on_first_cpu("drill0");
  start_group_by_cpu();
  must(static_cast<int>(::write(laid[1], &byte, 1)), "pipe");
}

// Nothing is sent: the entries are made by hand, in this namespace's own table.
void play_full_tracking() {
  const unsigned limit = tracking_limit();
  const UniqueFd table(
      must(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), "netfilter"));
  for (std::uint32_t number = 0; number < limit - limit / 100; ++number) track(table.get(), number);
  const int listener = listen_on({});
  start_actor("server", [=] {
    Held held(200);
    for (;;) held.add(accept_from(listener));
  });
  ::close(listener);
  start_actor("client", [] {
    for (;;) {
      const int socket = connect_to(kDrillPort);
      sleep_ms(100);
      ::close(socket);
    }
  });
}

}  // namespace tcpwatch
