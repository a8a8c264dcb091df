// SPDX-License-Identifier: Apache-2.0
//
// Reads what `doctor --preflight` judges: /proc, sysctls, sock_diag, nginx's configuration. No BPF.
#pragma once

#include "app/options.h"
#include "diagnosis/preflight.h"

namespace tcpwatch {

// Of the namespace and the processes that the options choose; without --comm or --pid the process
// that is nearest to its descriptor limit.
Result<PreflightFacts> read_preflight_facts(const Options& options);

}  // namespace tcpwatch
