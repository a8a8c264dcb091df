// SPDX-License-Identifier: Apache-2.0
//
// The tables of fields of `sockets`: what is shown of states, processes, listeners and
// destinations, in the order of the columns. Single sockets: sockets_list.h.
#pragma once

#include <span>

#include "views/field.h"
#include "views/sockets.h"

namespace tcpwatch {

std::span<const Field<StateSockets>> state_row_fields();
std::span<const Field<ProcessSockets>> process_row_fields();
std::span<const Field<ListenerSockets>> listener_row_fields();
std::span<const Field<DestinationSockets>> destination_row_fields();

}  // namespace tcpwatch
