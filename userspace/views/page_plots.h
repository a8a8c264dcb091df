// SPDX-License-Identifier: Apache-2.0
//
// The plots of the HTML report as JSON: titles, and each line's points. Pure.
#pragma once

#include "views/json_writer.h"
#include "views/page_series.h"

namespace tcpwatch {

void write_page_plots(JsonWriter& json, const PageSeries& series);

}  // namespace tcpwatch
