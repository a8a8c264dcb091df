// SPDX-License-Identifier: Apache-2.0
//
// Which container a cgroup path belongs to: docker, containerd (also nerdctl and Kubernetes),
// cri-o, podman, under the systemd and the cgroupfs drivers, cgroup v1 and v2. Pure function; it is
// in base/ because model/ needs it for captures, where there is no host to ask.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tcpwatch {

struct Container {
  std::string_view runtime;  // static; empty where the path does not tell
  std::string id;            // as the runtime prints it in full, mostly 64 hex digits

  std::string short_id() const { return id.substr(0, 12); }
};

// The innermost container of a path; nothing for host processes.
std::optional<Container> container_of(std::string_view cgroup_path);

// The uid of the Kubernetes pod of a path, in its usual spelling; nothing outside pods.
std::optional<std::string> pod_of(std::string_view cgroup_path);

// The cgroup itself, or one under it. Nothing is above everything.
bool in_cgroup(std::string_view cgroup, std::string_view top);

}  // namespace tcpwatch
