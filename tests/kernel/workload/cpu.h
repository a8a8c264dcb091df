// SPDX-License-Identifier: Apache-2.0
//
// Which CPU a scenario's processes run on: see Netns::cpu().
#pragma once

#include <vector>

namespace tcpwatch::workload {

std::vector<int> allowed_cpus();  // of this process, never empty
int next_cpu();                   // of these, each in its turn
void pin_to(int cpu);             // the calling thread; -1: leaves it free

}  // namespace tcpwatch::workload
