// SPDX-License-Identifier: Apache-2.0
//
// A process that wants to run and gets no CPU: how much it got, and who or what has taken the rest.
// Pure.
#pragma once

#include "diagnosis/busy.h"

namespace tcpwatch {

// kStarved, or kUnknown: it is not.
Busy starved_of(const Case& about, const Track<ActivitySample>& track);

}  // namespace tcpwatch
