// SPDX-License-Identifier: Apache-2.0
#include "kernel/loopback_trial.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "base/unique_fd.h"

namespace tcpwatch {
namespace {

Error trial_error(const char* what) {
  return {ErrorKind::kCannotTell, std::string("self-test: ") + what + ": " + std::strerror(errno),
          "needs CAP_SYS_ADMIN for a network namespace of its own"};
}

UniqueFd tcp_socket(int flags = 0) { return UniqueFd(::socket(AF_INET, SOCK_STREAM | flags, 0)); }

bool loopback_up() {
  const UniqueFd control = tcp_socket(SOCK_CLOEXEC);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(control.get(), SIOCSIFFLAGS, &request) == 0;
}

int connect_to(const UniqueFd& socket, const sockaddr_in& address) {
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

// A listener whose queue holds one connection.
bool listen_anywhere(const UniqueFd& listener, sockaddr_in& address) {
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  return ::bind(listener.get(), generic, size) == 0 && ::listen(listener.get(), 0) == 0 &&
         ::getsockname(listener.get(), generic, &size) == 0;
}

// The last segment of a handshake may still be on its way when connect() returns: on a busy machine
// ksoftirqd delivers it. Without it the queue is not full yet.
bool wait_for_queued(const UniqueFd& listener, unsigned connections) {
  const auto deadline = std::chrono::steady_clock::now() + kTrialPatience;
  tcp_info info{};
  socklen_t size = sizeof(info);
  while (::getsockopt(listener.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
    if (info.tcpi_unacked >= connections) return true;  // of a listener: the length of its queue
    if (std::chrono::steady_clock::now() > deadline) break;
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return false;
}

Result<> make_traffic(const std::function<void(std::uint32_t)>& inspect) {
  struct stat netns{};
  if (::unshare(CLONE_NEWNET) != 0) return trial_error("network namespace");
  if (::stat("/proc/thread-self/ns/net", &netns) != 0 || !loopback_up())
    return trial_error("loopback");
  sockaddr_in address{};
  const UniqueFd listener = tcp_socket(SOCK_CLOEXEC);
  if (!listen_anywhere(listener, address)) return trial_error("listen");

  const UniqueFd client = tcp_socket(SOCK_CLOEXEC);
  if (connect_to(client, address) != 0) return trial_error("connect");
  sockaddr_in peer{};
  socklen_t size = sizeof(peer);
  const UniqueFd served(::accept(listener.get(), reinterpret_cast<sockaddr*>(&peer), &size));

  sockaddr_in nowhere = address;
  nowhere.sin_addr.s_addr = htonl(0xcb007101);  // 203.0.113.1: documentation, and no route here
  (void)connect_to(tcp_socket(SOCK_CLOEXEC), nowhere);

  const UniqueFd waiting = tcp_socket(SOCK_CLOEXEC);
  if (connect_to(waiting, address) != 0) return trial_error("connect");
  if (!wait_for_queued(listener, 1)) return trial_error("a queued connection");
  const UniqueFd dropped = tcp_socket(SOCK_CLOEXEC | SOCK_NONBLOCK);
  (void)connect_to(dropped, address);

  inspect(static_cast<std::uint32_t>(netns.st_ino));
  return Ok{};
}

}  // namespace

Result<> run_loopback_trial(const std::function<void(std::uint32_t)>& inspect) {
  Result<> result = Ok{};
  std::thread([&] { result = make_traffic(inspect); }).join();
  return result;
}

}  // namespace tcpwatch
