// SPDX-License-Identifier: Apache-2.0
//
// Empties a BPF hash map into user space.
#pragma once

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdint>
#include <vector>

namespace tcpwatch {

// Takes everything out of a hash map. One by one from the front would be quadratic: the kernel
// looks for the first entry through all buckets that are empty by then.
template <typename Key, typename Value, std::uint32_t Batch = 4096, typename OnEntry>
void take_all(int map_fd, const OnEntry& on_entry) {
  std::vector<Key> keys(Batch);
  std::vector<Value> values(Batch);
  std::uint32_t position = 0;  // of the next bucket
  bool first = true;
  for (int result = 0; result == 0; first = false) {
    std::uint32_t count = Batch;
    result = bpf_map_lookup_and_delete_batch(map_fd, first ? nullptr : &position, &position,
                                             keys.data(), values.data(), &count, nullptr);
    if (result && errno != ENOENT) return;  // ENOENT: that was the last batch
    for (std::uint32_t i = 0; i < count; ++i) on_entry(keys[i], values[i]);
  }
}

}  // namespace tcpwatch
