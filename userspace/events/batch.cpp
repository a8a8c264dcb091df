// SPDX-License-Identifier: Apache-2.0
#include "events/batch.h"

#include <cstring>

namespace tcpwatch {

void RecordBatch::append_bytes(std::span<const std::byte> bytes) {
  const std::size_t start = words_.size();
  words_.resize(start + (bytes.size() + 7) / 8);
  if (!bytes.empty()) std::memcpy(words_.data() + start, bytes.data(), bytes.size());
}

std::span<std::byte> RecordBatch::append_space(std::size_t size) {
  const std::size_t start = words_.size();
  words_.resize(start + size / 8);
  return std::as_writable_bytes(std::span(words_).subspan(start));
}

ReadCount RecordBatch::send_to(RecordSink& sink) const {
  return for_each([&sink](const Record& record) { sink.on_record(record); });
}

}  // namespace tcpwatch
