// SPDX-License-Identifier: Apache-2.0
//
// Pieces of a finding in words, for the screen and for doctor. Not sanitized. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "diagnosis/finding.h"

namespace tcpwatch {

// "drops_syn 148/s, queue 512 (fentry tcp_conn_request); …": a source is told once.
std::string evidence_text(const Finding& finding, std::size_t most);
// The listener or destination, else the process.
std::string subject_text(const Subject& subject);

}  // namespace tcpwatch
