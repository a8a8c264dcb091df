// SPDX-License-Identifier: Apache-2.0
#include "kernel/run_statistics.h"

#include <bpf/bpf.h>

namespace tcpwatch {

UniqueFd enable_run_statistics() { return UniqueFd(bpf_enable_stats(BPF_STATS_RUN_TIME)); }

}  // namespace tcpwatch
