// SPDX-License-Identifier: Apache-2.0
// A crowded machine: many processes, each with connections to destinations of its own, of which it
// makes some anew each second. What `tcpwatch top` costs then stands in its title ("own CPU").
// Lives in a network namespace of its own; ends with standard input, or at Ctrl-C.
//
//   bench_crowd [WORKERS [DESTINATIONS-EACH [NEW-PER-SECOND-EACH [OTHER-FILES-EACH]]]]
//   default: 2000 10 1 0
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <vector>

#include "churn_net.h"

namespace {

using churn::fail;

// All of 127.0.0.0/8 is this machine: one listener has as many addresses as are wanted.
sockaddr_in destination(int worker, int number, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  const auto each = static_cast<uint32_t>(worker) << 8 | static_cast<uint32_t>(number + 1);
  address.sin_addr.s_addr = htonl(0x7f010000U + each);
  return address;
}

int listen_everywhere(int& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, generic, length) != 0 || listen(fd, 4096) != 0 ||
      getsockname(fd, generic, &length) != 0)
    fail("listener");
  port = ntohs(address.sin_port);
  return fd;
}

// Accepts, and closes whatever its peer has closed.
[[noreturn]] void serve(int listener) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const auto watch = [&](int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll");
  };
  watch(listener);
  for (std::array<epoll_event, 256> events;;) {
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd != listener) {
        close(fd);
        continue;
      }
      for (int fresh; (fresh = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;)
        watch(fresh);
    }
  }
}

[[noreturn]] void work(int worker, int destinations, int fresh, int others, int port) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "crowd");
  const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (int more = 1; more < others; ++more)
    if (dup(other) < 0) fail("dup");
  std::vector<int> fds(static_cast<size_t>(destinations), -1);
  const auto connect_to = [&](int number) {
    int& fd = fds[static_cast<size_t>(number)];
    if (fd >= 0) close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in to = destination(worker, number, port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  };
  for (int number = 0; number < destinations; ++number) connect_to(number);
  // Not all in the same moment.
  usleep(static_cast<useconds_t>(worker % 1000) * 1000);
  for (int next = 0;;) {
    for (int i = 0; i < fresh; ++i) connect_to(next++ % destinations);
    sleep(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int place, int usual) {
    return argc > place ? std::atoi(argv[place]) : usual;
  };
  const int workers = std::clamp(argument(1, 2000), 1, 30000);
  const int destinations = std::clamp(argument(2, 10), 1, 250);
  const int fresh = std::max(0, argument(3, 1));
  const int others = std::max(0, argument(4, 0));
  churn::enter_own_namespace();
  // Several, for each holds a descriptor per connection.
  std::array<int, 4> ports{};
  for (int& port : ports) {
    const int listener = listen_everywhere(port);
    if (fork() == 0) serve(listener);
    close(listener);
  }
  for (int worker = 0; worker < workers; ++worker) {
    const pid_t pid = fork();
    if (pid < 0) fail("fork");
    if (pid == 0)
      work(worker, destinations, fresh, others, ports[static_cast<size_t>(worker) % ports.size()]);
  }
  std::printf("%d workers, %d destinations each\n", workers, destinations);
  std::fflush(stdout);
  for (char byte; read(STDIN_FILENO, &byte, 1) > 0;) {
  }
  return 0;
}
