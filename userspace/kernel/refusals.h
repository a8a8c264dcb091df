// SPDX-License-Identifier: Apache-2.0
//
// From an errno to what a user can act on: why a candidate was refused, and the remedy.
#pragma once

#include <vector>

#include "kernel/hook_plan.h"
#include "kernel/libbpf_log.h"

namespace tcpwatch {

// Cheap trials that need no load. Nothing: worth trying.
std::optional<Refusal> refused_beforehand(const Candidate& candidate);
Refusal refused_open(int error);
Refusal refused_attach(int error);
Refusal refused_cgroup(int error);

// After a failed load: refuses the culprit and takes it out of `wanted`; with it all of its
// mechanism where the kernel forbids that as a whole. Always takes out at least one.
void refuse_load(std::vector<Trial*>& wanted, int error, const LibbpfLog& log);

}  // namespace tcpwatch
