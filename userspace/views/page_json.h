// SPDX-License-Identifier: Apache-2.0
//
// The data that an HTML report carries along: one JSON object, which the page's script draws. Not
// for programs: those take `report --json`. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/snapshot.h"
#include "views/json_writer.h"
#include "views/report.h"

namespace tcpwatch {

std::string page_json(const std::vector<ReportData>& reports);

// Workers, listeners, destinations: columns with their help, cells as text with what to sort by.
void write_page_tables(JsonWriter& json, const Snapshot& summary);

}  // namespace tcpwatch
