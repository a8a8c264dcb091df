// SPDX-License-Identifier: Apache-2.0
//
// Runs a function inside another network namespace, on a thread of its own that ends with it, so
// that no thread of tcpwatch is ever left in the wrong place. Needs CAP_SYS_ADMIN.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "host/netns_find.h"

namespace tcpwatch {

// Returns when `inside` has returned. `inside` must not throw. An error means it was not called.
Result<> in_netns(const NetnsRef& netns, const std::function<void()>& inside,
                  const std::string& proc = "/proc");

}  // namespace tcpwatch
