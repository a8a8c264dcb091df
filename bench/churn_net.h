// SPDX-License-Identifier: Apache-2.0
// The place where the churn workload lives: a network namespace of its own, with loopback up, a
// wide port range and two listeners, and the counters the kernel keeps there. Owner:
// bench/churn.cpp alone, one thread. Counters are absolute since the namespace was made.
#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace churn {

[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "bench_churn: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(errno == EPERM ? 3 : 74);
}

inline void write_sysctl(const char* name, const char* value) {
  std::ofstream file(std::string("/proc/sys/net/ipv4/") + name);
  file << value << std::flush;
  if (!file) fail(std::string("sysctl net.ipv4.") + name);
}

// A namespace makes the counts ours alone, and takes everything with it when the last process ends.
inline void enter_own_namespace() {
  if (unshare(CLONE_NEWNET) != 0) fail("a network namespace of its own (needs root)");
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) fail("loopback up");
  close(fd);
  // 20,000 TIME_WAIT in 2 x 64,000 address pairs: no port ever runs out and the port search stays
  // short, for any number of connections; the ten state events of a connection stay the same.
  write_sysctl("ip_local_port_range", "1024 65535");
  write_sysctl("tcp_max_tw_buckets", "20000");
}

struct Listener {
  int fd = -1;
  sockaddr_in address{};
  int port() const { return ntohs(address.sin_port); }
};

inline Listener open_listener(in_addr_t address_to_bind = INADDR_LOOPBACK) {
  Listener listener;
  listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  listener.address.sin_family = AF_INET;
  listener.address.sin_addr.s_addr = htonl(address_to_bind);
  auto* address = reinterpret_cast<sockaddr*>(&listener.address);
  socklen_t length = sizeof listener.address;
  if (listener.fd < 0 || bind(listener.fd, address, length) != 0 ||
      listen(listener.fd, 1024) != 0 || getsockname(listener.fd, address, &length) != 0)
    fail("listener");
  return listener;
}

// One protocol's row of /proc/net/snmp or /proc/net/netstat, as name -> value.
inline std::map<std::string, uint64_t> mib(const char* path, const std::string& prefix) {
  std::ifstream file(path);
  std::map<std::string, uint64_t> result;
  std::string names;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(prefix + ":", 0) != 0) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    std::istringstream keys(names), values(line);
    std::string key, value;
    keys >> key, values >> value;
    while (keys >> key && values >> value) result[key] = std::strtoull(value.c_str(), nullptr, 10);
    break;
  }
  return result;
}

}  // namespace churn
