// SPDX-License-Identifier: Apache-2.0
//
// The address of a kernel symbol, from /proc/kallsyms. Only asked for on kernels without the helper
// that knows sockets (5.10): reading the file takes some 50 ms.
#pragma once

#include <cstdint>
#include <string>

namespace tcpwatch {

// 0: there is none, or addresses are hidden from us.
std::uint64_t kernel_symbol(const std::string& name);

}  // namespace tcpwatch
