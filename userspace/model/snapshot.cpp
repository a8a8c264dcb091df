// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot.h"

#include <numeric>

namespace tcpwatch {

std::uint64_t Traffic::connect_failures() const {
  return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
}

std::uint64_t Traffic::refused_descriptors() const {
  return std::accumulate(fd_refusals.begin(), fd_refusals.end(), std::uint64_t{0});
}

}  // namespace tcpwatch
