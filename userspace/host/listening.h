// SPDX-License-Identifier: Apache-2.0
//
// Listening TCP sockets of the calling thread's network namespace with their queues, as `ss -lnt`
// has them: by sock_diag, without BPF and without privilege.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace tcpwatch {

struct ListeningSocket {
  std::string address;
  std::uint32_t queue = 0;
  std::uint32_t backlog = 0;
  std::uint32_t inode = 0;  // of the socket: /proc/PID/fd/N -> socket:[inode]
};

Result<std::vector<ListeningSocket>> listening_sockets();

}  // namespace tcpwatch
