// SPDX-License-Identifier: Apache-2.0
#include "host/netns_enter.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include <system_error>
#include <thread>

#include "base/unique_fd.h"

namespace tcpwatch {
namespace {

UniqueFd open_if_same(const std::string& path, std::uint32_t inode) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (!file || ::fstat(file.get(), &facts) != 0 || facts.st_ino != inode) return {};
  return file;
}

UniqueFd open_netns(const NetnsRef& netns, const std::string& proc) {
  for (const std::uint32_t pid : netns.pids) {
    if (UniqueFd file = open_if_same(fmt::format("{}/{}/ns/net", proc, pid), netns.inode)) {
      return file;
    }
  }
  return netns.path.empty() ? UniqueFd() : open_if_same(netns.path, netns.inode);
}

Error cannot_enter(const NetnsRef& netns, int error) {
  return {ErrorKind::kCannotTell,
          fmt::format("cannot enter network namespace {}: {}", netns.inode, ::strerror(error)),
          error == EPERM ? "run tcpwatch as root (it needs CAP_SYS_ADMIN)" : ""};
}

}  // namespace

Result<> in_netns(const NetnsRef& netns, const std::function<void()>& inside,
                  const std::string& proc) {
  const UniqueFd file = open_netns(netns, proc);
  if (!file) {
    return Error{ErrorKind::kCannotTell,
                 fmt::format("network namespace {} is gone, or may not be seen", netns.inode), ""};
  }
  int failure = 0;
  try {
    std::thread([&] {
      if (::setns(file.get(), CLONE_NEWNET) == 0) {
        inside();
      } else {
        failure = errno;
      }
    }).join();
  } catch (const std::system_error& error) {  // no thread to be had
    failure = error.code().value();
  }
  if (failure != 0) return cannot_enter(netns, failure);
  return Ok{};
}

}  // namespace tcpwatch
