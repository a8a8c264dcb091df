// SPDX-License-Identifier: Apache-2.0
//
// The tables of fields of `sockets`: what is shown of states, processes, listeners and
// destinations, in the order of the columns. Single sockets: sockets_list.h.
#pragma once

#include <span>

#include "views/field.h"
#include "views/sockets.h"

namespace tcpwatch {

std::span<const Field<StateRow>> state_row_fields();
std::span<const Field<ProcessRow>> process_row_fields();
std::span<const Field<ListenerRow>> listener_row_fields();
std::span<const Field<DestinationRow>> destination_row_fields();

}  // namespace tcpwatch
