// SPDX-License-Identifier: Apache-2.0
#include "capture/templates.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tcpwatch {
namespace {

constexpr std::size_t kWord = 8;

std::uint64_t word_at(const std::byte* record, std::size_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, record + offset, sizeof word);
  return word;
}

}  // namespace

Templates::Templates(std::size_t size, std::span<const Column> columns) : size_(size) {
  Bytes mask(size, std::byte{0xff});
  for (const Column& column : columns) std::memset(mask.data() + column.offset, 0, column.width);
  std::uint64_t factor = 0x9e3779b97f4a7c15;  // any odd number; the next ones are as good
  for (std::size_t offset = 0; offset + kWord <= size; offset += kWord) {
    factor = factor * 0xd1342543de82ef95 + 2;
    if (const std::uint64_t whole = word_at(mask.data(), offset); whole != 0)
      words_.push_back({offset, whole, factor});
  }
}

std::uint32_t Templates::index_of(const std::byte* record) {
  std::uint64_t hash = 0;
  for (const Word& word : words_) {
    const std::uint64_t value = word_at(record, word.offset) & word.mask;
    hash += (value ^ std::rotl(value, 32)) * word.factor;
  }
  const auto next = static_cast<std::uint32_t>(templates_.size());
  const auto [index, fresh] = by_hash_.try_emplace(hash, next);
  if (!fresh && is_like(record, templates_[index])) return index;
  add(record);  // of two with the same hash, the second is told each time
  return next;
}

void Templates::clear() {
  by_hash_.clear();
  memory_.clear();
  templates_.clear();
}

bool Templates::is_like(const std::byte* record, const std::byte* known) const {
  return std::ranges::all_of(words_, [&](const Word& word) {
    return (word_at(record, word.offset) & word.mask) == word_at(known, word.offset);
  });
}

void Templates::add(const std::byte* record) {
  Bytes& bare = memory_.emplace_back(size_);
  for (const Word& word : words_) {
    const std::uint64_t value = word_at(record, word.offset) & word.mask;
    std::memcpy(bare.data() + word.offset, &value, sizeof value);
  }
  templates_.push_back(bare.data());
}

}  // namespace tcpwatch
