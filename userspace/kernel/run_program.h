// SPDX-License-Identifier: Apache-2.0
//
// Programs that user space runs by itself: iterators that write nothing, and the walk through the
// table of connections (bpf/walk.h). In the calling thread's network namespace.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

struct bpf_link;

namespace tcpwatch {

// A test run of a raw_tp program with these arguments. 0, or the negative error; `answer`: what the
// program returned.
int run_with(int program_fd, std::span<std::uint64_t> arguments, std::uint32_t& answer);

// Reads to the end: that is what runs the program. False: it cannot be opened.
bool run_iterator(const bpf_link& link);

// A part of the table: the arguments of a walking program. An error where the table is not as we
// know it.
Result<> walk_buckets(int program_fd, std::uint64_t first, std::uint64_t count);

// All of it, in parts: a run holds off what waits for RCU. `buckets` is told by walk_buckets(0, 0).
Result<> walk_all(int program_fd, std::uint64_t buckets);

// Why the kernel would not, and what to do.
Error refused_program(const char* what, int error);

}  // namespace tcpwatch
