// SPDX-License-Identifier: Apache-2.0
#include "capture/rows.h"

#include <cstring>

#include "tcpwatch/abi.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kWord = 4;
constexpr std::size_t kKindAt = offsetof(tw_header, kind);
constexpr std::size_t kTimeAt = offsetof(tw_header, time);
// Words 1 (kind, zero) and 4 on; size and time are told otherwise.
constexpr std::size_t kFirst = sizeof(tw_header) / kWord;

std::uint32_t word_at(const std::byte* record, std::size_t word) {
  std::uint32_t value = 0;
  std::memcpy(&value, record + word * kWord, kWord);
  return value;
}

std::uint64_t time_of(const std::byte* record) {
  std::uint64_t time = 0;
  std::memcpy(&time, record + kTimeAt, sizeof time);
  return time;
}

std::uint64_t key_of(const std::byte* record, RowKey key) {
  std::uint64_t value = 0;
  std::memcpy(&value, record + key.offset, key.width);
  return value;
}

// The words of a record in the order in which they are told: 1, 4, 5, …
std::size_t place(std::size_t nth) { return nth == 0 ? 1 : kFirst + nth - 1; }
std::size_t words_of(std::size_t size) { return size / kWord - kFirst + 1; }

std::uint64_t difference(std::uint32_t now, std::uint32_t before) {
  return zigzag(static_cast<std::uint64_t>(
      static_cast<std::int64_t>(static_cast<std::int32_t>(now - before))));
}

void put_difference(const std::byte* record, const std::byte* base, std::size_t size, Bytes& out) {
  const std::size_t words = words_of(size);
  std::uint64_t same = 0;
  for (std::size_t nth = 0; nth < words; ++nth) {
    const std::uint32_t now = word_at(record, place(nth));
    const std::uint32_t before = word_at(base, place(nth));
    if (now == before) {
      ++same;
      continue;
    }
    put_varint(out, same);
    put_varint(out, difference(now, before));
    same = 0;
  }
  put_varint(out, same);
}

bool add_difference(ByteReader& in, std::byte* record, std::size_t size) {
  const std::size_t words = words_of(size);
  for (std::size_t nth = 0;; ++nth) {
    nth += static_cast<std::size_t>(in.varint(words - nth));
    if (nth == words || in.failed()) return !in.failed();
    const std::uint32_t now =
        word_at(record, place(nth)) + static_cast<std::uint32_t>(unzigzag(in.varint()));
    std::memcpy(record + place(nth) * kWord, &now, kWord);
  }
}

}  // namespace

void RowsEncoder::add(const std::byte* record) {
  put_varint(rows_, zigzag(time_of(record) - before_));
  before_ = time_of(record);
  std::size_t slot = 0;
  if (key_.width != 0) {
    const auto next = static_cast<std::uint32_t>(count_);
    slot = slots_.try_emplace(key_of(record, key_), next).first;
    put_varint(rows_, slot);
  }
  if (slot == count_) {
    last_.resize(++count_ * size_);
    // The kind is the same in all rows: told by the section.
    std::memcpy(last_.data() + slot * size_ + kKindAt, record + kKindAt, sizeof(tw_header::kind));
  }
  std::byte* last = last_.data() + slot * size_;
  put_difference(record, last, size_, rows_);
  std::memcpy(last, record, size_);
}

bool decode_rows(ByteReader in, std::size_t size, RowKey key, std::span<std::byte* const> records) {
  const Bytes nothing(size);
  std::vector<const std::byte*> last;
  std::uint64_t before = 0;
  for (std::byte* record : records) {
    before += unzigzag(in.varint());
    const std::size_t slot = key.width == 0 ? 0 : static_cast<std::size_t>(in.varint(last.size()));
    if (in.failed()) return false;
    if (slot == last.size()) last.push_back(nothing.data());
    std::memcpy(record, last[slot], size);
    if (!add_difference(in, record, size)) return false;
    std::memcpy(record + kTimeAt, &before, sizeof before);
    last[slot] = record;
  }
  return in.complete();
}

}  // namespace tcpwatch
