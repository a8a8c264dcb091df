// SPDX-License-Identifier: Apache-2.0
//
// The metrics that are states of the last snapshot, and what it says of tcpwatch itself.
#pragma once

#include "diagnosis/finding.h"
#include "model/snapshot.h"
#include "views/metrics/counters.h"
#include "views/metrics/metric_writer.h"

namespace tcpwatch {

void write_worker_gauges(MetricWriter& out, const Snapshot& snapshot, Counters& counters);
void write_place_gauges(MetricWriter& out, const Snapshot& snapshot, Counters& counters);
void write_findings(MetricWriter& out, const Findings& findings);
void write_servers(MetricWriter& out, const Snapshot& snapshot);
void write_hooks(MetricWriter& out, const Snapshot& snapshot);

}  // namespace tcpwatch
