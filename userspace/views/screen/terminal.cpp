// SPDX-License-Identifier: Apache-2.0
#include "views/screen/terminal.h"

// ncurses as functions: its macros have names such as move, clear and timeout.
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "views/screen/terminal_keys.h"
#include "views/screen/terminal_rescue.h"

namespace tcpwatch {
namespace {

constexpr int kEscapeDelayMs = 25;
constexpr const char* kBatch = "`tcpwatch top --batch` prints tables instead";

sigset_t our_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGWINCH);
  sigaddset(&signals, SIGTSTP);
  return signals;
}

attr_t attributes_of(Style style, bool colours) {
  const Paint look = paint_of(style.tone, colours);
  attr_t attributes = A_NORMAL;
  if (look.bold) attributes |= A_BOLD;
  if (look.dim) attributes |= A_DIM;
  if (look.underline) attributes |= A_UNDERLINE;
  if (style.reverse) attributes |= A_REVERSE;
  return attributes;
}

// The characters of a cell. Where the C library thinks that they have another width, the terminal
// may as well, and the grid would break: "?" stands for them.
std::array<wchar_t, CCHARW_MAX + 1> characters_of(std::string_view text, int columns) {
  std::array<wchar_t, CCHARW_MAX + 1> characters{};
  std::size_t used = 0;
  while (!text.empty() && used < CCHARW_MAX) {
    const CodePoint point = first_code_point(text);
    characters[used++] = static_cast<wchar_t>(point.value);
    text.remove_prefix(point.length);
  }
  if (::wcwidth(characters[0]) != columns) characters = {L'?'};
  return characters;
}

}  // namespace

bool speaks_unicode() {
  std::setlocale(LC_CTYPE, "");
  const auto unset = [](const char* name) {
    const char* value = std::getenv(name);
    return !value || !*value;
  };
  if (unset("LC_ALL") && unset("LC_CTYPE") && unset("LANG")) std::setlocale(LC_CTYPE, "C.UTF-8");
  return std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
}

struct Terminal::Screen {
  SCREEN* screen = nullptr;
  termios before{};
};

Result<std::unique_ptr<Terminal>> Terminal::open(bool colours) {
  std::unique_ptr<Terminal> terminal(new Terminal());
  if (auto ready = terminal->prepare(colours); !ready) return ready.error();
  return terminal;
}

Result<> Terminal::prepare(bool colours) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
    return Error{ErrorKind::kUsage, "the live screen needs a terminal", kBatch};
  const char* type = std::getenv("TERM");
  if (!type || !*type || std::string_view(type) == "dumb")
    return Error{ErrorKind::kUsage, "the live screen needs more than a dumb terminal (TERM)",
                 kBatch};
  unicode_ = speaks_unicode();
  auto screen = std::make_unique<Screen>();
  ::tcgetattr(STDIN_FILENO, &screen->before);
  const sigset_t signals = our_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  wake_.reset(::epoll_create1(EPOLL_CLOEXEC));
  for (const int fd : {STDIN_FILENO, signals_.get()}) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (::epoll_ctl(wake_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
      return Error{ErrorKind::kInputOutput, "cannot wait for keys", kBatch};
  }
  ::set_escdelay(kEscapeDelayMs);
  screen->screen = ::newterm(nullptr, stdout, stdin);
  if (!screen->screen)
    return Error{ErrorKind::kUsage, std::string("this terminal is not known here: TERM=") + type,
                 kBatch};
  screen_ = std::move(screen);
  arm_terminal_rescue(screen_->before);
  ::cbreak();
  ::noecho();
  ::nonl();
  ::nodelay(stdscr, TRUE);
  ::keypad(stdscr, TRUE);
  ::curs_set(0);
  ::mouseinterval(0);
  ::mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
  colours_ = colours && ::has_colors() && ::start_color() == OK;
  if (colours_) {
    ::use_default_colors();
    for (short colour = 0; colour < 8; ++colour)
      ::init_pair(static_cast<short>(colour + 1), colour, -1);
  }
  return Ok{};
}

Terminal::~Terminal() {
  if (!screen_) return;
  ::endwin();
  ::delscreen(screen_->screen);
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &screen_->before);
  disarm_terminal_rescue();
}

std::size_t Terminal::width() const {
  return static_cast<std::size_t>(std::max(1, ::getmaxx(stdscr)));
}
std::size_t Terminal::height() const {
  return static_cast<std::size_t>(std::max(1, ::getmaxy(stdscr)));
}

bool Terminal::hung_up() const {
  pollfd input{STDIN_FILENO, 0, 0};
  return ::poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

// Ctrl-Z: the shell gets its terminal back as it was, and fg brings the screen back.
void Terminal::suspend() {
  ::endwin();
  ::raise(SIGSTOP);
  shown_.reset();
  ::clearok(stdscr, TRUE);
  ::refresh();
}

void Terminal::take_signals(std::vector<Key>& keys) {
  signalfd_siginfo info{};
  bool resized = false;
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGTSTP) suspend();
    resized = true;  // it may have been while we were stopped, too
  }
  winsize size{};
  if (!resized || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return;
  ::resizeterm(size.ws_row, size.ws_col);
  shown_.reset();
  ::clearok(stdscr, TRUE);
  keys.push_back({.kind = Key::Kind::kResize, .x = width(), .y = height()});
}

std::vector<Key> Terminal::keys() {
  std::vector<Key> keys;
  take_signals(keys);
  wint_t code = 0;
  for (int kind = ::get_wch(&code); kind != ERR; kind = ::get_wch(&code)) {
    const Key key = key_of_curses(code, kind == KEY_CODE_YES);
    if (key.kind != Key::Kind::kNone) keys.push_back(key);
  }
  return keys;
}

void Terminal::draw_line(const Frame& frame, std::size_t y) const {
  for (std::size_t x = 0; x < frame.width(); ++x) {
    const FrameCell& cell = frame.at(x, y);
    if (cell.text.empty()) continue;  // the right half of the one before
    const bool wide = x + 1 < frame.width() && frame.at(x + 1, y).text.empty();
    const auto characters = characters_of(cell.text, wide ? 2 : 1);
    const Paint look = paint_of(cell.style.tone, colours_);
    cchar_t drawn;
    ::setcchar(&drawn, characters.data(), attributes_of(cell.style, colours_),
               static_cast<short>(look.colour + 1), nullptr);
    ::mvadd_wch(static_cast<int>(y), static_cast<int>(x), &drawn);
  }
}

void Terminal::show(const Frame& frame) {
  const Frame next = unicode_ ? frame : in_ascii(frame);
  const bool same_size = shown_ && shown_->width() == next.width();
  if (!same_size) ::erase();
  for (std::size_t y = 0; y < next.height(); ++y) {
    if (same_size && y < shown_->height() && next.same_line(*shown_, y)) continue;
    draw_line(next, y);
  }
  shown_ = next;
  ::refresh();
}

}  // namespace tcpwatch
