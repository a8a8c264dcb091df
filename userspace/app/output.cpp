// SPDX-License-Identifier: Apache-2.0
#include "app/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#include "views/screen/frame.h"
#include "views/screen/terminal.h"

namespace tcpwatch {

Output::Output() : ascii_(::isatty(STDOUT_FILENO) != 0 && !speaks_unicode()) {}

bool Output::write(std::string_view text) {
  std::string plain;
  if (ascii_) text = plain = in_ascii(text);
  while (!text.empty() && error_ == 0) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) error_ = errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return error_ == 0;
}

Result<> Output::result() const {
  if (error_ == 0 || error_ == EPIPE) return Ok{};
  return Error{ErrorKind::kInputOutput,
               std::string("cannot write to standard output: ") + std::strerror(error_), ""};
}

std::size_t Output::width() {
  if (const char* columns = std::getenv("COLUMNS")) {
    std::size_t width = 0;
    const auto parsed = std::from_chars(columns, columns + std::strlen(columns), width);
    if (parsed.ec == std::errc() && width >= 40) return width;
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return 100;
}

}  // namespace tcpwatch
