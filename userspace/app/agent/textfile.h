// SPDX-License-Identifier: Apache-2.0
//
// A file that is replaced as a whole: whoever reads it sees the old text or the new one. While the
// new one grows it has no name, so that a kill leaves nothing behind.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tcpwatch {

Result<> replace_file(const std::string& path, std::string_view text);

}  // namespace tcpwatch
