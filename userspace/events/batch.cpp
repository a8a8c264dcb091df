// SPDX-License-Identifier: Apache-2.0
#include "events/batch.h"

#include <cstring>

namespace tcpwatch {

void RecordBatch::append_bytes(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  std::byte* place = grow(bytes.size());
  std::memcpy(place, bytes.data(), bytes.size());
  std::memset(place + bytes.size(), 0, (8 - bytes.size() % 8) % 8);
}

std::span<std::byte> RecordBatch::append_space(std::size_t size) {
  if (size == 0) return {};
  std::byte* place = grow(size);
  std::memset(place, 0, size);
  return {place, size};
}

ReadCount RecordBatch::send_to(RecordSink& sink) const {
  return for_each([&sink](const Record& record) { sink.on_record(record); });
}

}  // namespace tcpwatch
