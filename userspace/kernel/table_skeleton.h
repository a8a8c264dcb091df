// SPDX-License-Identifier: Apache-2.0
//
// The generated skeleton of the socket table with the types that it refers to.
#pragma once

// clang-format off
#include "tcpwatch/socket_table.h"
#include "table.skel.h"
// clang-format on
