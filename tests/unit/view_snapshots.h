// SPDX-License-Identifier: Apache-2.0
//
// Snapshots built by hand, as the views meet them.
#pragma once

#include "model/snapshot.h"

namespace tcpwatch::test {

Snapshot empty_snapshot();     // nothing seen yet
Snapshot healthy_snapshot();   // nginx with four workers, all hooks exact
Snapshot incident_snapshot();  // the same out of source ports towards redis; few hooks allowed
Snapshot hostile_snapshot();   // names with escapes, invalid UTF-8, wide characters; huge numbers

HookChoice hook(const char* signal, const char* mechanism, const char* target, bool chosen = true,
                const char* note = "", bool exact = true);

}  // namespace tcpwatch::test
