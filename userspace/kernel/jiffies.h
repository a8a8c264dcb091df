// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own unit of time, in which it keeps when a socket last heard or sent something.
#pragma once

namespace tcpwatch {

// The kernel's HZ.
double jiffies_per_second();

}  // namespace tcpwatch
