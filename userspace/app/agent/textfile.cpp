// SPDX-License-Identifier: Apache-2.0
#include "app/agent/textfile.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/unique_fd.h"

namespace tcpwatch {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<> replace_file(const std::string& path, std::string_view text) {
  const auto failed = [&] {
    return Error{ErrorKind::kInputOutput,
                 fmt::format("cannot write {}: {}", path, std::strerror(errno)), ""};
  };
  const std::string folder = std::filesystem::path(path).parent_path();
  const UniqueFd file(
      ::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644));
  if (!file || ::fchmod(file.get(), 0644) != 0 || !write_all(file.get(), text)) return failed();
  // linkat() replaces nothing: a name of our own first, for an instant. It is always the same, so
  // that what a kill in that instant left behind goes with the next write.
  const std::string passing = path + ".new";
  const std::string nameless = fmt::format("/proc/self/fd/{}", file.get());
  ::unlink(passing.c_str());
  if (::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, passing.c_str(), AT_SYMLINK_FOLLOW) != 0)
    return failed();
  if (std::rename(passing.c_str(), path.c_str()) == 0) return Ok{};
  const auto error = failed();
  ::unlink(passing.c_str());
  return error;
}

}  // namespace tcpwatch
