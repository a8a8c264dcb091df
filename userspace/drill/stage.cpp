// SPDX-License-Identifier: Apache-2.0
#include "drill/stage.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "drill/actor.h"
#include "drill/network.h"

namespace tcpwatch {
namespace {

struct Ready {
  std::uint32_t netns = 0;
};

std::uint64_t own_netns() {
  struct stat facts{};
  return ::stat("/proc/thread-self/ns/net", &facts) == 0 ? facts.st_ino : 0;
}

// What the maker has open is no business of the drill, and would count against the limits that it
// sets itself. All but the line to the maker is closed; the line is told where it is now.
int keep_only(int line) {
  constexpr int kLine = STDERR_FILENO + 1;
  if (line != kLine) must(::dup2(line, kLine), "dup2");
  must(::close_range(kLine + 1, ~0U, 0), "close_range");
  return kLine;
}

// The first process of the namespaces: others end when it does. It would ignore signals that it has
// no handler for.
[[noreturn]] void lead(const Scenario& scenario, std::chrono::seconds most, int line,
                       std::uint64_t host_netns) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  line = keep_only(line);
  ::setsid();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGALRM, [](int) { ::_exit(0); });
  ::signal(SIGPIPE, SIG_IGN);
  ::alarm(static_cast<unsigned>(most.count()));
  name_process("drill");
  const std::uint64_t netns = own_netns();
  if (netns == 0 || netns == host_netns) give_up("this is not a network namespace of my own");
  bring_up_loopback();
  scenario.play();
  const Ready ready{static_cast<std::uint32_t>(netns)};
  if (::write(line, &ready, sizeof ready) != static_cast<ssize_t>(sizeof ready)) ::_exit(1);
  for (;;)
    if (::wait(nullptr) < 0 && errno == ECHILD) ::pause();
}

}  // namespace

Result<std::unique_ptr<Stage>> Stage::open(const Scenario& scenario, std::chrono::seconds most) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return Error{ErrorKind::kInputOutput, std::string("pipe: ") + std::strerror(errno), ""};
  UniqueFd mine(ends[0]);
  UniqueFd theirs(ends[1]);
  const std::uint64_t host = own_netns();
  const pid_t leader = static_cast<pid_t>(
      ::syscall(SYS_clone, CLONE_NEWNET | CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, 0));
  if (leader < 0)
    return Error{
        ErrorKind::kCannotTell,
        std::string("cannot make a network namespace for the drill: ") + std::strerror(errno),
        "run it as root (it needs CAP_SYS_ADMIN)"};
  if (leader == 0) {
    mine.reset();
    lead(scenario, most, theirs.get(), host);
  }
  theirs.reset();
  Ready ready;
  ssize_t got = 0;
  do {
    got = ::read(mine.get(), &ready, sizeof ready);
  } while (got < 0 && errno == EINTR);
  std::unique_ptr<Stage> stage(new Stage(leader, std::move(mine), ready.netns));
  if (got != static_cast<ssize_t>(sizeof ready) || ready.netns == host)
    return Error{ErrorKind::kCannotTell,
                 "the drill " + std::string(scenario.name) + " could not be set up",
                 "its own words are above"};
  return stage;
}

bool Stage::running() const {
  pollfd line{line_.get(), POLLIN, 0};
  return ::poll(&line, 1, 0) == 0;
}

Stage::~Stage() {
  ::kill(leader_, SIGKILL);
  ::waitpid(leader_, nullptr, 0);
}

}  // namespace tcpwatch
