// SPDX-License-Identifier: Apache-2.0
//
// A fresh network namespace with loopback up, held by descriptors and gone when nobody is in it.
// The calling thread never changes its own namespace. Holding it open also keeps its inode number
// from being used again. Safe from several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "kernel/workload/basics.h"
#include "kernel/workload/counters.h"
#include "kernel/workload/socket_table.h"

namespace tcpwatch::workload {

class Netns {
 public:
  Netns();

  int fd() const { return namespace_.get(); }
  std::uint64_t inode() const { return inode_; }
  // Its processes run on this CPU (each namespace on the next one), or on any: -1. With two,
  // loopback packets of one connection overtake each other now and then, and the kernel's books no
  // longer add up: a child that lost a race is a PassiveOpens too (seen on 5.10), a late ACK ends a
  // TIME_WAIT (seen on 6.18).
  int cpu() const { return cpu_; }
  void set_cpu(int cpu) { cpu_ = cpu; }
  // Runs it on a thread of its own inside the namespace; exceptions come back to the caller.
  // Do not fork in there: start a Party instead.
  void run_inside(const std::function<void()>& body) const;

  // "net.ipv4.tcp_syncookies" of this namespace alone.
  void set_sysctl(const std::string& name, const std::string& value) const;
  std::string sysctl(const std::string& name) const;
  bool has_sysctl(const std::string& name) const;
  void set_port_range(int first, int last) const;

  Counters counters() const;
  SocketTable sockets() const;
  // Until no handshake and no closing is under way, then the counters are final.
  void wait_quiet() const;
  void wait_for_sockets(const std::string& what,
                        const std::function<bool(const SocketTable&)>& met) const;

 private:
  Fd namespace_;
  std::uint64_t inode_ = 0;
  int cpu_ = -1;
  // These read the namespace they were opened in, from whichever thread.
  Fd snmp_;
  Fd netstat_;
  Fd tcp_;
  Fd tcp6_;
};

}  // namespace tcpwatch::workload
