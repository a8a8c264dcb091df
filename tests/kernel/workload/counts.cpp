// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/counts.h"

#include <numeric>

#include "kernel/workload/basics.h"

namespace tcpwatch::workload {

std::uint64_t Counts::all_failures() const {
  return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
}

std::map<std::string, std::uint64_t> Counts::failures_by_name() const {
  std::map<std::string, std::uint64_t> named;
  for (std::size_t error = 0; error < failures.size(); ++error) {
    if (failures[error] != 0) named[errno_name(static_cast<int>(error))] = failures[error];
  }
  return named;
}

Counts& Counts::operator+=(const Counts& other) {
  accepts += other.accepts;
  accepts_empty += other.accepts_empty;
  no_descriptor += other.no_descriptor;
  connects += other.connects;
  established_out += other.established_out;
  abandoned += other.abandoned;
  closes += other.closes;
  listens += other.listens;
  listener_closes += other.listener_closes;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  for (std::size_t i = 0; i < kErrnos; ++i) failures[i] += other.failures[i];
  for (std::size_t i = 0; i < kStates; ++i) open[i] += other.open[i];
  return *this;
}

}  // namespace tcpwatch::workload
