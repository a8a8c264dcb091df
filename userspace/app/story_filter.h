// SPDX-License-Identifier: Apache-2.0
//
// The filters of the command line for stories, as `trace` and `record` take them, live and
// replayed.
#pragma once

#include <memory>

#include "app/options.h"
#include "views/trace.h"

namespace tcpwatch {

// By process, name, port, namespace; who is in the cgroup is read from /proc as it is now.
TraceFilter live_story_filter(const Filter& part);
// The same, but for the cgroup: `filter.worker` is the caller's.
TraceFilter story_filter(const Filter& part);

}  // namespace tcpwatch
