// SPDX-License-Identifier: Apache-2.0
//
// The root of the cgroup2 hierarchy, mounted or not: cgroup hooks attach to it.
#pragma once

#include "base/unique_fd.h"

namespace tcpwatch {

// Invalid with errno set when this kernel has no cgroup2 or forbids it to us.
UniqueFd open_cgroup_root();

}  // namespace tcpwatch
