// SPDX-License-Identifier: Apache-2.0
#include "kernel/cgroup_root.h"

#include <fcntl.h>
#include <mntent.h>
#include <sys/mount.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace tcpwatch {
namespace {

std::string mounted_path() {
  std::unique_ptr<FILE, int (*)(FILE*)> mounts(::setmntent("/proc/self/mounts", "re"), ::endmntent);
  if (!mounts) return {};
  while (const mntent* entry = ::getmntent(mounts.get()))
    if (std::string_view(entry->mnt_type) == "cgroup2") return entry->mnt_dir;
  return {};
}

// A mount that no path leads to: nothing of the host changes, it goes with the descriptor. Also the
// true root where only a part of the hierarchy is mounted for us.
UniqueFd detached_mount() {
  UniqueFd context(::fsopen("cgroup2", FSOPEN_CLOEXEC));
  if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0)) return {};
  UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
  if (!mount) return {};
  return UniqueFd(::openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

UniqueFd open_cgroup_root() {
  if (UniqueFd root = detached_mount()) return root;
  const std::string path = mounted_path();
  if (path.empty()) return {};
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace tcpwatch
