// SPDX-License-Identifier: Apache-2.0
#include "views/screen/terminal_rescue.h"

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <signal.h>
#include <term.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace tcpwatch {
namespace {

// A signal handler is given nothing: what it needs has to be global.
struct Rescue {
  termios before{};
  std::array<char, 512> sequence{};
  std::size_t length = 0;
};
Rescue rescue;
volatile sig_atomic_t armed = 0;
alignas(16) std::array<char, 32768> handler_stack;  // the usual one may be what overflowed

constexpr std::array kDeadly{SIGABRT, SIGALRM,   SIGBUS,  SIGFPE, SIGHUP,  SIGILL,
                             SIGPROF, SIGQUIT,   SIGSEGV, SIGSYS, SIGTRAP, SIGUSR1,
                             SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ};

// The handler is gone by then (SA_RESETHAND): the second time the signal does what it always does.
void restore_and_die(int signal) {
  if (armed != 0) {
    armed = 0;
    [[maybe_unused]] const ssize_t written =
        ::write(STDOUT_FILENO, rescue.sequence.data(), rescue.length);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &rescue.before);
  }
  ::raise(signal);
}

int collect(int byte) {
  if (rescue.length < rescue.sequence.size())
    rescue.sequence[rescue.length++] = static_cast<char>(byte);
  return byte;
}

void collect_capability(const char* name) {
  const char* text = ::tigetstr(name);
  if (text && text != reinterpret_cast<const char*>(-1)) ::tputs(text, 1, collect);
}

}  // namespace

void arm_terminal_rescue(const termios& before) {
  rescue.before = before;
  rescue.length = 0;
  for (const char* off : {"\x1b[?1000l", "\x1b[?1002l", "\x1b[?1003l", "\x1b[?1006l"})
    if (::tigetstr("kmous") != nullptr)
      for (const char* byte = off; *byte; ++byte) collect(*byte);
  for (const char* capability : {"sgr0", "cnorm", "rmkx", "rmcup"}) collect_capability(capability);
  armed = 1;
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  ::sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_handler = restore_and_die;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
  for (const int signal : kDeadly) ::sigaction(signal, &action, nullptr);
}

void disarm_terminal_rescue() {
  armed = 0;
  for (const int signal : kDeadly) ::signal(signal, SIG_DFL);
}

}  // namespace tcpwatch
