// SPDX-License-Identifier: Apache-2.0
//
// Findings explain each other, across both sides of a worker: the queue is full because its owners
// sit in connect(), because no source port is left. Pure.
#pragma once

#include "diagnosis/rules.h"

namespace tcpwatch {

void link_causes(const Case& about, Findings& findings);

}  // namespace tcpwatch
