// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/netlink.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "kernel/workload/basics.h"

namespace tcpwatch::workload {
namespace {

// One request: header, a fixed body, attributes (nested ones by offset).
class Request {
 public:
  template <typename Body>
  Request(std::uint16_t type, std::uint16_t flags, const Body& body) {
    header()->nlmsg_len = NLMSG_LENGTH(sizeof(Body));
    header()->nlmsg_type = type;
    header()->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    std::memcpy(NLMSG_DATA(header()), &body, sizeof(body));
  }

  void put(int type, const void* data, std::size_t size) {
    auto* attribute = reinterpret_cast<rtattr*>(buffer_ + NLMSG_ALIGN(header()->nlmsg_len));
    attribute->rta_type = static_cast<std::uint16_t>(type);
    attribute->rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
    if (size != 0) std::memcpy(RTA_DATA(attribute), data, size);
    grow(RTA_ALIGN(attribute->rta_len));
  }
  void put(int type, const std::string& text) { put(type, text.c_str(), text.size() + 1); }

  std::size_t begin(int type) {
    const std::size_t at = NLMSG_ALIGN(header()->nlmsg_len);
    put(type, nullptr, 0);
    return at;
  }
  void end(std::size_t at) {
    reinterpret_cast<rtattr*>(buffer_ + at)->rta_len =
        static_cast<std::uint16_t>(header()->nlmsg_len - at);
  }
  void grow(std::size_t size) {
    header()->nlmsg_len = static_cast<std::uint32_t>(NLMSG_ALIGN(header()->nlmsg_len) + size);
  }

  void send(const std::string& what) {
    const Fd socket(check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "netlink"));
    check(::send(socket.get(), buffer_, header()->nlmsg_len, 0), "netlink send");
    alignas(nlmsghdr) char answer[4096];
    check(::recv(socket.get(), answer, sizeof(answer), 0), "netlink receive");
    nlmsgerr error{};
    std::memcpy(&error, NLMSG_DATA(reinterpret_cast<nlmsghdr*>(answer)), sizeof(error));
    if (error.error != 0) {
      errno = -error.error;
      fail_errno(what);
    }
  }

 private:
  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(buffer_); }

  alignas(nlmsghdr) char buffer_[1024] = {};
};

unsigned index_of(const std::string& link) {
  const unsigned index = ::if_nametoindex(link.c_str());
  if (index == 0) fail_errno("interface " + link);
  return index;
}

struct Bytes {
  unsigned char family;
  unsigned char data[16];
  std::size_t size;
};

Bytes parse(const std::string& address) {
  Bytes bytes{AF_INET, {}, 4};
  if (::inet_pton(AF_INET, address.c_str(), bytes.data) == 1) return bytes;
  bytes = {AF_INET6, {}, 16};
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data) == 1) return bytes;
  throw WorkloadError("not an address: " + address);
}

}  // namespace

void set_link_up(const std::string& name) {
  ifinfomsg body{};
  body.ifi_index = static_cast<int>(index_of(name));
  body.ifi_flags = IFF_UP;
  body.ifi_change = IFF_UP;
  Request(RTM_NEWLINK, 0, body).send("link up " + name);
}

void add_address(const std::string& link, const std::string& address, int prefix_length) {
  const Bytes bytes = parse(address);
  ifaddrmsg body{};
  body.ifa_family = bytes.family;
  body.ifa_prefixlen = static_cast<unsigned char>(prefix_length);
  body.ifa_flags = bytes.family == AF_INET6 ? IFA_F_NODAD : 0;
  body.ifa_index = index_of(link);
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, body);
  request.put(IFA_LOCAL, bytes.data, bytes.size);
  request.put(IFA_ADDRESS, bytes.data, bytes.size);
  request.send("add address " + address);
}

void add_route(RouteKind kind, const std::string& destination, int prefix_length,
               const std::string& link) {
  constexpr unsigned char kTypes[] = {RTN_UNICAST, RTN_UNREACHABLE, RTN_PROHIBIT, RTN_BLACKHOLE};
  const Bytes bytes = parse(destination);
  rtmsg body{};
  body.rtm_family = bytes.family;
  body.rtm_dst_len = static_cast<unsigned char>(prefix_length);
  body.rtm_table = RT_TABLE_MAIN;
  body.rtm_protocol = RTPROT_STATIC;
  body.rtm_scope = link.empty() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  body.rtm_type = kTypes[static_cast<int>(kind)];
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, body);
  request.put(RTA_DST, bytes.data, bytes.size);
  if (!link.empty()) {
    const unsigned index = index_of(link);
    request.put(RTA_OIF, &index, sizeof(index));
  }
  request.send("add route " + destination);
}

void add_veth(const std::string& name, const std::string& peer, int peer_netns) {
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
  request.put(IFLA_IFNAME, name);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  request.put(IFLA_INFO_KIND, "veth");
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t other = request.begin(VETH_INFO_PEER);
  request.grow(sizeof(ifinfomsg));  // all zero
  request.put(IFLA_IFNAME, peer);
  request.put(IFLA_NET_NS_FD, &peer_netns, sizeof(peer_netns));
  request.end(other);
  request.end(data);
  request.end(info);
  request.send("add veth " + name);
}

}  // namespace tcpwatch::workload
