// SPDX-License-Identifier: Apache-2.0
#include "host/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.h"

namespace tcpwatch {

bool read_descriptor(int file, std::string& text, std::size_t limit) {
  constexpr std::size_t kStep = 4096;
  text.clear();
  while (text.size() < limit) {
    const std::size_t had = text.size();
    text.resize(std::min(had + kStep, limit));
    const ssize_t got = ::read(file, text.data() + had, text.size() - had);
    text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;  // a process that ended in between: ESRCH
    if (got == 0) break;
  }
  return true;
}

bool read_file_at(int directory, const char* path, std::string& text, std::size_t limit) {
  text.clear();
  const UniqueFd file(::openat(directory, path, O_RDONLY | O_CLOEXEC));
  return file && read_descriptor(file.get(), text, limit);
}

bool read_file(const std::string& path, std::string& text, std::size_t limit) {
  return read_file_at(AT_FDCWD, path.c_str(), text, limit);
}

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

std::string_view take_word(std::string_view& rest) {
  constexpr std::string_view kBlanks = " \t";
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::size_t end = std::min(rest.find_first_of(kBlanks), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

}  // namespace tcpwatch
