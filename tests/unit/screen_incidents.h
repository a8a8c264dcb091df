// SPDX-License-Identifier: Apache-2.0
//
// A minute and more of records, as the kernel side would send them, through the model: the
// snapshots that the screen would have been given, oldest first.
#pragma once

#include <memory>
#include <vector>

#include "screen_support.h"

namespace tcpwatch::test {

using Recorded = std::vector<std::shared_ptr<const Snapshot>>;

Recorded healthy_minute();         // nginx with four workers and two upstreams, all hooks exact
Recorded accept_queue_overflow();  // backlog 4, the workers stop in the last seconds
Recorded port_exhaustion();        // connects to redis fail from one second to the next

// Fed to a screen, the last one is shown.
Played play(const Recorded& recorded);

}  // namespace tcpwatch::test
