// SPDX-License-Identifier: Apache-2.0
//
// A file that is there whole or not at all: written beside its place, then moved there. What was at
// its place stays until then.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tcpwatch {

Result<> write_whole_file(const std::string& path, std::string_view text);

}  // namespace tcpwatch
