// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <exception>
#include <thread>

#include "kernel/workload/cpu.h"
#include "kernel/workload/netlink.h"

namespace tcpwatch::workload {
namespace {

void on_own_thread(const std::function<void()>& body) {
  std::exception_ptr thrown;
  std::thread thread([&] {
    try {
      body();
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

Fd open_file(const std::string& path, int flags = O_RDONLY) {
  return Fd(check(::open(path.c_str(), flags | O_CLOEXEC), path.c_str()));
}

// IPv6 may be off: then its file is missing and reads as empty.
Fd open_if_there(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

// From the start: procfs then writes the file anew. A text shorter than `known_end` was all.
std::string read_whole(const Fd& file, std::size_t known_end = 0) {
  std::string text;
  if (!file) return text;
  std::string chunk(1 << 16, '\0');
  for (;;) {
    const ssize_t got =
        ::pread(file.get(), chunk.data(), chunk.size(), static_cast<off_t>(text.size()));
    check(got, "read /proc");
    if (got == 0) return text;
    text.append(chunk, 0, static_cast<std::size_t>(got));
    if (known_end != 0 && text.size() < known_end) return text;
  }
}

std::string sysctl_path(std::string name) {
  std::replace(name.begin(), name.end(), '.', '/');
  return "/proc/sys/" + name;
}

}  // namespace

Netns::Netns() : cpu_(next_cpu()) {
  on_own_thread([this] {
    check(::unshare(CLONE_NEWNET), "new network namespace");
    namespace_ = open_file("/proc/thread-self/ns/net");
    snmp_ = open_file("/proc/thread-self/net/snmp");
    netstat_ = open_file("/proc/thread-self/net/netstat");
    tcp_ = open_file("/proc/thread-self/net/tcp");
    tcp6_ = open_if_there("/proc/thread-self/net/tcp6");
    set_link_up("lo");
  });
  struct stat status{};
  check(::fstat(fd(), &status), "fstat");
  inode_ = status.st_ino;
}

void Netns::run_inside(const std::function<void()>& body) const {
  on_own_thread([&] {
    check(::setns(fd(), CLONE_NEWNET), "setns");
    body();
  });
}

void Netns::set_sysctl(const std::string& name, const std::string& value) const {
  run_inside([&] {
    const Fd file = open_file(sysctl_path(name), O_WRONLY);
    if (::write(file.get(), value.data(), value.size()) < 0) fail_errno(name + "=" + value);
  });
}

std::string Netns::sysctl(const std::string& name) const {
  std::string value;
  run_inside([&] { value = read_whole(open_file(sysctl_path(name))); });
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

bool Netns::has_sysctl(const std::string& name) const {
  bool there = false;
  run_inside([&] { there = ::access(sysctl_path(name).c_str(), F_OK) == 0; });
  return there;
}

void Netns::set_port_range(int first, int last) const {
  set_sysctl("net.ipv4.ip_local_port_range", std::to_string(first) + " " + std::to_string(last));
}

Counters Netns::counters() const { return {read_whole(snmp_), read_whole(netstat_)}; }

// The kernel gives a page at a time, in lines of 150 to 180 bytes: half a page is the end. Asking
// once more would walk the machine's whole socket table again (3 ms for 262,144 buckets).
SocketTable Netns::sockets() const {
  constexpr std::size_t kHalfPage = 2048;
  return {read_whole(tcp_, kHalfPage), read_whole(tcp6_, kHalfPage)};
}

void Netns::wait_for_sockets(const std::string& what,
                             const std::function<bool(const SocketTable&)>& met) const {
  SocketTable now;
  const Deadline deadline;
  while (!met(now = sockets())) {
    if (deadline.over()) throw WorkloadError(what + ": did not happen; sockets: " + now.text());
    ::usleep(1000);
  }
}

void Netns::wait_quiet() const {
  wait_for_sockets("quiet", [](const SocketTable& table) { return table.quiet(); });
}

}  // namespace tcpwatch::workload
