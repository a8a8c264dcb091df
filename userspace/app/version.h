// SPDX-License-Identifier: Apache-2.0
//
// The version, from the project() line of CMakeLists.txt.
#pragma once

#include <string_view>

namespace tcpwatch {

#ifndef TCPWATCH_VERSION
#error "TCPWATCH_VERSION comes from CMake"
#endif
inline constexpr std::string_view kVersion = TCPWATCH_VERSION;

}  // namespace tcpwatch
