// SPDX-License-Identifier: Apache-2.0
//
// The table of fields of findings.
#pragma once

#include <span>

#include "views/field.h"
#include "views/screen/finding_line.h"

namespace tcpwatch {

std::span<const Field<FindingLine>> finding_fields();

}  // namespace tcpwatch
