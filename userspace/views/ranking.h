// SPDX-License-Identifier: Apache-2.0
//
// What deserves to be seen first: trouble, then activity, then size. A row in trouble is one that
// loses connections now; how much is a matter for findings. Pure.
#pragma once

#include <vector>

#include "model/snapshot.h"

namespace tcpwatch {

bool in_trouble(const Worker& row);
bool in_trouble(const Listener& row);
bool in_trouble(const Destination& row);

// Anything at all to show of it: sockets, traffic, a queue.
bool is_active(const Worker& row);
bool is_active(const Destination& row);

// Worst first; pointers into the snapshot.
std::vector<const Worker*> ranked_workers(const Snapshot& snapshot);
std::vector<const Listener*> ranked_listeners(const Snapshot& snapshot);
std::vector<const Destination*> ranked_destinations(const Snapshot& snapshot);

// The same for rows of anyone's choice; equal ones keep their order.
void rank_worst_first(std::vector<const Worker*>& rows);
void rank_worst_first(std::vector<const Listener*>& rows);
void rank_worst_first(std::vector<const Destination*>& rows);

}  // namespace tcpwatch
