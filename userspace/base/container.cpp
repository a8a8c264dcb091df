// SPDX-License-Identifier: Apache-2.0
#include "base/container.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tcpwatch {
namespace {

constexpr std::string_view kScope = ".scope";
constexpr std::size_t kIdLength = 64;

// How each runtime names its scope or folder: PREFIX-<id>[.scope]. The monitors that sit beside a
// container (conmon) have no id right behind the prefix, so they do not match.
struct Prefix {
  std::string_view text;
  std::string_view runtime;
};
constexpr std::array<Prefix, 7> kPrefixes{{{"docker-", "docker"},
                                           {"cri-containerd-", "containerd"},
                                           {"nerdctl-", "containerd"},
                                           {"containerd-", "containerd"},
                                           {"crio-", "cri-o"},
                                           {"libpod-", "podman"},
                                           {"libpod-payload-", "podman"}}};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_id(std::string_view text) {
  return text.size() == kIdLength && std::ranges::all_of(text, is_hex);
}

// 8-4-4-4-12, or, of the pods that a node reads from its own files, 32 digits in a row.
bool is_uid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const bool plain = text.size() == 32 && std::ranges::all_of(text, is_hex);
  return plain || std::ranges::equal(text, kShape, [](char c, char shape) {
           return shape == 'x' ? is_hex(c) : c == shape;
         });
}

// podUID, kubepods-burstable-podUID.slice with '_' for '-', the same before ":cri-containerd:ID".
std::optional<std::string> pod_in(std::string_view name) {
  name = name.substr(0, name.find(':'));
  if (name.ends_with(".slice")) name.remove_suffix(6);
  const std::size_t within = name.rfind("-pod");
  if (within != std::string_view::npos)
    name.remove_prefix(within + 4);
  else if (name.starts_with("pod"))
    name.remove_prefix(3);
  else
    return std::nullopt;
  std::string uid(name);
  std::ranges::replace(uid, '_', '-');
  return is_uid(uid) ? std::optional(std::move(uid)) : std::nullopt;
}

// `parent` tells the runtime of a folder that is nothing but an id (the cgroupfs driver).
std::string_view runtime_of_parent(std::string_view parent) {
  if (parent == "docker" || parent == "ecs") return "docker";
  if (parent == "libpod_parent") return "podman";
  return {};
}

std::optional<Container> container_in(std::string_view name, std::string_view parent) {
  // containerd on cgroup v1 below systemd: kubepods-....slice:cri-containerd:<id>
  if (const std::size_t colon = name.rfind(':'); colon != std::string_view::npos) {
    const bool containerd = name.substr(0, colon).ends_with("cri-containerd");
    const std::string_view id = name.substr(colon + 1);
    if (is_id(id)) return Container{containerd ? "containerd" : "", std::string(id)};
  }
  if (name.ends_with(kScope)) name.remove_suffix(kScope.size());
  for (const Prefix& prefix : kPrefixes) {
    if (!name.starts_with(prefix.text)) continue;
    const std::string_view id = name.substr(prefix.text.size());
    if (is_id(id)) return Container{prefix.runtime, std::string(id)};
  }
  if (is_id(name)) return Container{runtime_of_parent(parent), std::string(name)};
  return std::nullopt;
}

}  // namespace

std::optional<Container> container_of(std::string_view cgroup_path) {
  std::optional<Container> innermost;
  std::string_view parent;
  while (!cgroup_path.empty()) {
    const std::size_t slash = std::min(cgroup_path.find('/'), cgroup_path.size());
    const std::string_view name = cgroup_path.substr(0, slash);
    if (auto found = container_in(name, parent)) innermost = std::move(found);
    parent = name;
    cgroup_path.remove_prefix(std::min(slash + 1, cgroup_path.size()));
  }
  return innermost;
}

std::optional<std::string> pod_of(std::string_view cgroup_path) {
  std::optional<std::string> innermost;
  while (!cgroup_path.empty()) {
    const std::size_t slash = std::min(cgroup_path.find('/'), cgroup_path.size());
    if (auto found = pod_in(cgroup_path.substr(0, slash))) innermost = std::move(found);
    cgroup_path.remove_prefix(std::min(slash + 1, cgroup_path.size()));
  }
  return innermost;
}

bool in_cgroup(std::string_view cgroup, std::string_view top) {
  return cgroup.starts_with(top) &&
         (top.empty() || cgroup.size() == top.size() || cgroup[top.size()] == '/');
}

}  // namespace tcpwatch
