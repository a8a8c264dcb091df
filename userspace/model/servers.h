// SPDX-License-Identifier: Apache-2.0
//
// What servers say of themselves: the counters of nginx's stub_status page, by the address that it
// was asked at. A server that is not heard of for the grace time has gone.
#pragma once

#include <cstdint>
#include <map>

#include "model/limits.h"
#include "model/rows.h"
#include "model/snapshot.h"

namespace tcpwatch {

class Servers {
 public:
  explicit Servers(const ModelLimits& limits) : limits_(limits) {}

  void on_nginx(const tw_nginx& record);
  void settle(Snapshot& snapshot, std::uint64_t now);

 private:
  struct Row {
    tw_nginx now{};
    tw_nginx before{};  // at the last tick, or when first heard of
  };

  ModelLimits limits_;
  std::map<tw_endpoint, Row, EndpointLess> rows_;
};

}  // namespace tcpwatch
