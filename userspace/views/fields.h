// SPDX-License-Identifier: Apache-2.0
//
// The tables of fields: what is shown of workers, listeners and destinations, in the order of the
// columns. Counters are increments of the interval.
#pragma once

#include <span>

#include "views/field.h"

namespace tcpwatch {

std::span<const Field<Worker>> worker_fields();
std::span<const Field<Listener>> listener_fields();
std::span<const Field<Destination>> destination_fields();

}  // namespace tcpwatch
