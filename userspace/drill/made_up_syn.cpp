// SPDX-License-Identifier: Apache-2.0
//
// network.h: SYNs from addresses that do not exist. They never leave the drill's namespace.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "drill/actor.h"
#include "drill/network.h"

namespace tcpwatch {
namespace {

std::uint32_t added(const void* bytes, std::size_t size) {
  std::uint32_t sum = 0;
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i + 1 < size; i += 2)
    sum += static_cast<std::uint32_t>(at[i] << 8 | at[i + 1]);
  return sum;
}

std::uint16_t folded(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<std::uint16_t>(~sum));
}

}  // namespace

int open_raw_socket() {
  return must(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), "raw socket");
}

void send_made_up_syn(int raw_socket, std::uint32_t source, std::uint16_t port) {
  struct {
    iphdr ip;
    tcphdr tcp;
  } packet{};
  packet.ip.version = 4;
  packet.ip.ihl = 5;
  packet.ip.tot_len = htons(sizeof packet);
  packet.ip.ttl = 64;
  packet.ip.protocol = IPPROTO_TCP;
  packet.ip.saddr = htonl(0x0a010000 | (source & 0xffff));  // 10.1.x.y
  packet.ip.daddr = htonl(kLocalhost);
  packet.tcp.source = htons(static_cast<std::uint16_t>(1024 + source % 60000));
  packet.tcp.dest = htons(port);
  packet.tcp.seq = htonl(source * 2654435761U);
  packet.tcp.doff = 5;
  packet.tcp.syn = 1;
  packet.tcp.window = htons(65535);
  packet.tcp.check = folded(added(&packet.ip.saddr, 8) + IPPROTO_TCP + sizeof packet.tcp +
                            added(&packet.tcp, sizeof packet.tcp));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = packet.ip.daddr;
  must(static_cast<int>(::sendto(raw_socket, &packet, sizeof packet, 0,
                                 reinterpret_cast<const sockaddr*>(&to), sizeof to)),
       "raw SYN");
}

}  // namespace tcpwatch
