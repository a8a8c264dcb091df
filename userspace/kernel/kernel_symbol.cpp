// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_symbol.h"

#include <fstream>

namespace tcpwatch {

std::uint64_t kernel_symbol(const std::string& name) {
  std::ifstream symbols("/proc/kallsyms");
  std::string address, type, symbol, rest;
  while (symbols >> address >> type >> symbol && std::getline(symbols, rest))
    if (symbol == name) return std::stoull(address, nullptr, 16);
  return 0;
}

}  // namespace tcpwatch
