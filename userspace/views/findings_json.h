// SPDX-License-Identifier: Apache-2.0
//
// Findings as the contract has them in JSON: in doctor --json, top --batch --json and the agent.
#pragma once

#include "diagnosis/finding.h"
#include "views/coverage.h"
#include "views/json_writer.h"

namespace tcpwatch {

// An array of objects; its key is the caller's.
void write_finding(JsonWriter& json, const Finding& finding);
void write_findings(JsonWriter& json, const Findings& findings);
// An object: each signal's hook and whether it is exact; of the socket table how old its figures
// are.
void write_coverage(JsonWriter& json, const Coverage& coverage,
                    const std::optional<Sample>& sample);

}  // namespace tcpwatch
