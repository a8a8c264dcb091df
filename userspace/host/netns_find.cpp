// SPDX-License-Identifier: Apache-2.0
#include "host/netns_find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <map>
#include <memory>
#include <utility>

#include "base/unique_fd.h"
#include "host/proc_file.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kPidsKept = 4;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;
using Found = std::map<std::uint32_t, NetnsRef>;

// `link` is PID/ns/net below `directory`; it reads "net:[4026531840]".
std::uint32_t netns_of_link(int directory, const char* link) {
  char text[64];
  errno = 0;
  const ssize_t size = ::readlinkat(directory, link, text, sizeof text);
  std::string_view name(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!name.starts_with("net:[") || !name.ends_with(']')) return 0;
  name.remove_prefix(5);
  name.remove_suffix(1);
  return to_number<std::uint32_t>(name).value_or(0);
}

// Nothing when there is no room for one more namespace.
NetnsRef* entry_of(Found& found, std::uint32_t inode) {
  if (found.size() >= kMaxNamespaces && !found.contains(inode)) return nullptr;
  NetnsRef& entry = found[inode];
  entry.inode = inode;
  return &entry;
}

bool scan_processes(const std::string& proc, Found& found, std::size_t& hidden) {
  const Directory directory(::opendir(proc.c_str()));
  if (!directory) return false;
  bool complete = true;
  std::size_t seen = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    const auto pid = to_number<std::uint32_t>(entry->d_name);
    if (!pid) continue;
    if (++seen > kMaxProcesses) return false;
    const std::string link = fmt::format("{}/ns/net", entry->d_name);
    const std::uint32_t inode = netns_of_link(::dirfd(directory.get()), link.c_str());
    if (inode == 0) {
      if (errno == EACCES || errno == EPERM) ++hidden;
      continue;
    }
    NetnsRef* netns = entry_of(found, inode);
    complete &= netns != nullptr;
    if (netns != nullptr && netns->pids.size() < kPidsKept) netns->pids.push_back(*pid);
  }
  return complete;
}

// The inode of a file that a network namespace is mounted on; 0 and errno (0: any other file).
std::uint32_t netns_of_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct statfs filesystem{};
  struct stat facts{};
  if (!file || ::fstatfs(file.get(), &filesystem) != 0 || ::fstat(file.get(), &facts) != 0) {
    return 0;
  }
  errno = 0;
  if (filesystem.f_type != NSFS_MAGIC) return 0;
  if (::ioctl(file.get(), NS_GET_NSTYPE) != CLONE_NEWNET) return 0;
  return static_cast<std::uint32_t>(facts.st_ino);
}

bool scan_mounts(const std::string& folder, Found& found) {
  const Directory directory(::opendir(folder.c_str()));
  if (!directory) return true;  // most hosts have none
  bool complete = true;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_name[0] == '.') continue;
    std::string path = fmt::format("{}/{}", folder, entry->d_name);
    const std::uint32_t inode = netns_of_file(path);
    if (inode == 0) continue;
    NetnsRef* netns = entry_of(found, inode);
    complete &= netns != nullptr;
    if (netns != nullptr) netns->path = std::move(path);
  }
  return complete;
}

}  // namespace

NetnsScan scan_netns(const std::string& proc, const std::vector<std::string>& mounts) {
  Found found;
  NetnsScan scan;
  scan.complete = scan_processes(proc, found, scan.hidden);
  for (const std::string& folder : mounts) scan.complete &= scan_mounts(folder, found);
  for (auto& [inode, netns] : found) scan.found.push_back(std::move(netns));
  return scan;
}

std::uint32_t netns_of_process(std::uint32_t pid, const std::string& proc) {
  return netns_of_link(AT_FDCWD, fmt::format("{}/{}/ns/net", proc, pid).c_str());
}

Result<NetnsRef> find_netns(std::string_view name_or_path) {
  const bool is_path = name_or_path.find('/') != std::string_view::npos;
  std::string path =
      is_path ? std::string(name_or_path) : fmt::format("/run/netns/{}", name_or_path);
  const std::uint32_t inode = netns_of_file(path);
  if (inode != 0) return NetnsRef{inode, {}, std::move(path)};
  const int error = errno;
  if (error == EACCES || error == EPERM) {
    return Error{ErrorKind::kCannotTell,
                 fmt::format("network namespace '{}': {}", name_or_path, ::strerror(error)),
                 "run tcpwatch as root"};
  }
  const bool other_file = error == 0 || error == ENOTTY;
  return Error{
      ErrorKind::kUsage,
      fmt::format("'{}' is no network namespace: {}", name_or_path,
                  other_file ? path + " is something else" : path + ": " + ::strerror(error)),
      "`ip netns list` shows names; a path can be /proc/PID/ns/net; or use `all`"};
}

}  // namespace tcpwatch
