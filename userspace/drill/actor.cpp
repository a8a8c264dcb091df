// SPDX-License-Identifier: Apache-2.0
#include "drill/actor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/unique_fd.h"

namespace tcpwatch {

void name_process(const char* name) { ::prctl(PR_SET_NAME, name); }

pid_t start_actor(const std::string& role, const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child != 0) {
    must(child, "fork");
    return child;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::alarm(0);
  name_process(("drill-" + role).c_str());
  body();
  sleep_forever();
}

void give_up(const std::string& why) {
  std::fputs(("drill: " + why + "\n").c_str(), stderr);
  ::_exit(1);
}

int must(int result, const char* what) {
  if (result < 0) give_up(std::string(what) + ": " + std::strerror(errno));
  return result;
}

void sleep_ms(int milliseconds) {
  timespec left{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

void sleep_forever() {
  for (;;) ::pause();
}

void limit_descriptors(unsigned limit) {
  rlimit wanted{};
  must(::getrlimit(RLIMIT_NOFILE, &wanted), "RLIMIT_NOFILE");
  wanted.rlim_cur = std::min<rlim_t>(limit, wanted.rlim_max);
  must(::setrlimit(RLIMIT_NOFILE, &wanted), "RLIMIT_NOFILE");
}

void write_setting(const std::string& name, const std::string& value) {
  std::string path = "/proc/sys/" + name;
  std::replace(path.begin(), path.end(), '.', '/');
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), value.data(), value.size()) < 0)
    give_up(name + "=" + value + ": " + std::strerror(errno));
}

}  // namespace tcpwatch
