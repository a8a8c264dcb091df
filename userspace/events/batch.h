// SPDX-License-Identifier: Apache-2.0
//
// Records in memory: kept one after another in one 8-byte aligned buffer, and read again. Used by
// the live source (polled counters), by captures and by tests. One owner, one thread; clear()
// keeps the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "events/decode.h"
#include "events/make.h"
#include "events/record.h"

namespace tcpwatch {

struct ReadCount {
  std::size_t records = 0;
  std::size_t errors = 0;  // records refused and skipped; what cannot even be skipped is one error
};

// Calls `on_record(const Record&)` for each good record of `bytes`, in order, and
// `on_error(const Error&)` for each bad one.
template <typename OnRecord, typename OnError>
ReadCount read_records(std::span<const std::byte> bytes, OnRecord&& on_record, OnError&& on_error) {
  ReadCount count;
  while (!bytes.empty()) {
    const Result<Record> record = decode(bytes);
    if (record) {
      ++count.records;
      on_record(*record);
    } else {
      ++count.errors;
      on_error(record.error());
    }
    const std::size_t step = record_size(bytes);
    if (step == 0) break;
    bytes = bytes.subspan(step);
  }
  return count;
}

class RecordBatch {
 public:
  // T is a record of the ABI; its header.size is set here, its kind must be right (new_record).
  template <typename T>
  void append(const T& record) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);
    static_assert(std::is_same_v<decltype(record.header), tw_header>);
    std::byte* place = grow(sizeof(T));
    std::memcpy(place, &record, sizeof record);
    reinterpret_cast<T*>(place)->header.size = sizeof(T);
  }
  // Whole records as they are: from the ring buffer, from a capture, hostile ones from a test.
  // Filled up with zeros to a multiple of 8.
  void append_bytes(std::span<const std::byte> bytes);
  // Room for `size` bytes of records, a multiple of 8, to be filled at once; zeros until then.
  std::span<std::byte> append_space(std::size_t size);
  // Memory for `size` bytes at once.
  void reserve(std::size_t size) { words_.reserve(size / 8); }
  // Lets go of what is behind the first `size` bytes.
  void resize(std::size_t size) { words_.resize(size / 8); }

  template <typename OnRecord>
  ReadCount for_each(OnRecord&& on_record) const {
    return read_records(bytes(), on_record, [](const Error&) {});
  }
  ReadCount send_to(RecordSink& sink) const;

  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words_)); }
  bool empty() const { return words_.empty(); }
  void clear() { words_.clear(); }

 private:
  // Not single bytes: for their alignment. Not zeros: what grows is written at once.
  struct alignas(8) Word {
    Word() {}  // NOLINT(modernize-use-equals-default)
    std::byte bytes[8];
  };

  std::byte* grow(std::size_t size) {
    const std::size_t start = words_.size();
    words_.resize(start + (size + 7) / 8);
    return reinterpret_cast<std::byte*>(words_.data() + start);
  }

  std::vector<Word> words_;
};

}  // namespace tcpwatch
