// SPDX-License-Identifier: Apache-2.0
#include "app/footprint.h"

#include <malloc.h>
#include <sys/mman.h>

#include <charconv>
#include <fstream>
#include <string>

namespace tcpwatch {
namespace {

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

// "55d0c8a00000-55d0c8c00000 r-xp 00000000 08:01 1234    /usr/bin/tcpwatch"
bool is_code_of_a_file(const std::string& line, Mapping& mapping) {
  const char* end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, mapping.begin, 16);
  if (first.ptr == end || *first.ptr != '-') return false;
  const auto second = std::from_chars(first.ptr + 1, end, mapping.end, 16);
  return line.find('/') != std::string::npos &&
         std::string_view(second.ptr, static_cast<std::size_t>(end - second.ptr))
             .starts_with(" r-xp ");
}

}  // namespace

void shrink_footprint() {
  ::malloc_trim(0);
  // Code is never written to, so there is nothing to lose; constants may share their pages with
  // what was relocated, and stay.
  std::ifstream maps("/proc/self/maps");
  Mapping mapping;
  for (std::string line; std::getline(maps, line);)
    if (is_code_of_a_file(line, mapping))
      ::madvise(reinterpret_cast<void*>(mapping.begin), mapping.end - mapping.begin, MADV_DONTNEED);
}

}  // namespace tcpwatch
