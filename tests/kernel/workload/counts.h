// SPDX-License-Identifier: Apache-2.0
//
// What one process counted for itself, by what its system calls told it. A plain record: it is
// sent from the process to the test. Units: calls, sockets, bytes of payload.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace tcpwatch::workload {

struct Counts {
  static constexpr std::size_t kErrnos = 134;
  static constexpr std::size_t kStates = 12;

  std::uint64_t accepts = 0;          // accept calls that gave a connection
  std::uint64_t accepts_empty = 0;    // … that gave EAGAIN (non-blocking listener)
  std::uint64_t no_descriptor = 0;    // accept or socket calls refused with EMFILE
  std::uint64_t connects = 0;         // begun: connect() calls, whatever they said, MSG_FASTOPEN
  std::uint64_t established_out = 0;  // … that ended in a connection
  std::uint64_t abandoned = 0;        // … given up by the program, handshake under way
  std::uint64_t closes = 0;           // connections that this process closed (also by a reset)
  std::uint64_t listens = 0;          // listen() calls
  std::uint64_t listener_closes = 0;  // listeners closed before the end of the process
  std::uint64_t bytes_sent = 0;       // over all connections
  std::uint64_t bytes_received = 0;
  std::array<std::uint64_t, kErrnos> failures{};  // connects, by errno: what the program was told
  std::array<std::int64_t, kStates> open{};       // sockets held when it parked, by TCP state

  std::uint64_t failed(int error) const { return failures.at(static_cast<std::size_t>(error)); }
  std::uint64_t all_failures() const;
  std::map<std::string, std::uint64_t> failures_by_name() const;  // {"ECONNREFUSED": 3}
  Counts& operator+=(const Counts& other);
};

}  // namespace tcpwatch::workload
