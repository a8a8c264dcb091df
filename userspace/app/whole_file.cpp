// SPDX-License-Identifier: Apache-2.0
#include "app/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/unique_fd.h"

namespace tcpwatch {
namespace {

Error failed(const std::string& path, const char* why) {
  return {ErrorKind::kInputOutput, fmt::format("cannot write {}: {}", path, why),
          "name a file in a folder that can be written to"};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

}  // namespace

Result<> write_whole_file(const std::string& path, std::string_view text) {
  // A device or a pipe would be replaced by a file.
  struct stat there{};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode))
    return failed(path, S_ISDIR(there.st_mode) ? std::strerror(EISDIR) : "it is no regular file");
  const std::string beside = fmt::format("{}.tmp-{}", path, ::getpid());
  const UniqueFd file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file) return failed(path, std::strerror(errno));
  if (!write_all(file.get(), text) || std::rename(beside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    return failed(path, std::strerror(error));
  }
  return Ok{};
}

}  // namespace tcpwatch
