// SPDX-License-Identifier: Apache-2.0
#include "app/footprint.h"

#include <malloc.h>
#include <sys/mman.h>

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

namespace tcpwatch {
namespace {

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool of_a_file = false;
  bool read_only = false;
};

// "55d0c8a00000-55d0c8c00000 r-xp 00000000 08:01 1234    /usr/bin/tcpwatch"
bool begins_mapping(const std::string& line, Mapping& mapping) {
  const char* end = line.data() + line.size();
  Mapping found;
  const auto first = std::from_chars(line.data(), end, found.begin, 16);
  if (first.ptr == end || *first.ptr != '-') return false;
  const auto second = std::from_chars(first.ptr + 1, end, found.end, 16);
  const std::string_view rest(second.ptr, static_cast<std::size_t>(end - second.ptr));
  found.of_a_file = rest.find('/') != std::string_view::npos;
  found.read_only = rest.starts_with(" r-xp ") || rest.starts_with(" r--p ");
  mapping = found;
  return true;
}

// Not one page of it differs from the file's: relocations, for one, exist nowhere else.
bool says_unchanged(const std::string& line) {
  return line.starts_with("Anonymous:") && line.find(" 0 kB") != std::string::npos;
}

}  // namespace

void shrink_footprint() {
  ::malloc_trim(0);
  std::ifstream maps("/proc/self/smaps");
  Mapping mapping;
  for (std::string line; std::getline(maps, line);) {
    if (begins_mapping(line, mapping) || !says_unchanged(line)) continue;
    if (mapping.of_a_file && mapping.read_only)
      ::madvise(reinterpret_cast<void*>(mapping.begin), mapping.end - mapping.begin, MADV_DONTNEED);
  }
}

}  // namespace tcpwatch
