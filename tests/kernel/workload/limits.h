// SPDX-License-Identifier: Apache-2.0
//
// A server at its limit of open files: accept4() is refused with EMFILE, the connections stay in
// the accept queue; socket() is refused, too. Roles "server", "client".
#pragma once

#include "kernel/workload/outcome.h"
#include "kernel/workload/roles.h"

namespace tcpwatch::workload {

struct LimitOptions {
  Family family = Family::v4;
  std::size_t connections = 5;  // that wait
  std::size_t accepted = 2;     // descriptors left for them
  std::size_t refused = 4;      // accept4() calls that give EMFILE
  std::size_t sockets = 3;      // socket() calls that give EMFILE
};

// Counts::no_descriptor of the server is `refused` + `sockets`.
Outcome out_of_descriptors(const Netns& netns, const LimitOptions& options = {});

}  // namespace tcpwatch::workload
