// SPDX-License-Identifier: Apache-2.0
//
// The generated skeleton with the types that it refers to.
#pragma once

// clang-format off
#include "tcpwatch/bpf_config.h"
#include "tcpwatch/maker_notes.h"
#include "tcpwatch/socket_sample.h"
#include "tcpwatch.skel.h"
// clang-format on
