// SPDX-License-Identifier: Apache-2.0
//
// Attached is not yet watching: after attach the self-test makes a little traffic and looks whether
// every hook saw it. A hook that stayed silent is reported and no longer called exact.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernel/flow_table.h"
#include "kernel/hook_plan.h"
#include "kernel/listener_table.h"

namespace tcpwatch {

// By signal name; signals that fired, or that the traffic cannot exercise, are not in it.
using SilentHooks = std::map<std::string, std::string>;

struct SelfTest {
  SilentHooks silent;
  std::uint32_t netns = 0;  // where its traffic was; its stories are nobody's business
};

SelfTest self_test(const std::vector<Trial>& trials, FlowTable& flows, ListenerTable& listeners);

}  // namespace tcpwatch
