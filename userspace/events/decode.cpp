// SPDX-License-Identifier: Apache-2.0
#include "events/decode.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "base/names.h"
#include "events/layout.h"
#include "events/record.h"

namespace tcpwatch {
namespace {

template <typename... Args>
Error refused(fmt::format_string<Args...> format, Args&&... args) {
  return {ErrorKind::kBadInput, fmt::format(format, std::forward<Args>(args)...),
          "the bytes are damaged, or another version of tcpwatch wrote them"};
}

bool is_aligned(const std::byte* bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes) % alignof(tw_header) == 0;
}

bool is_terminated(const std::byte* record, const TextField& text) {
  return std::memchr(record + text.offset, 0, text.size) != nullptr;
}

template <typename T>
T value_at(const std::byte* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Each size for itself: a copy of a length that is not known is a call, and every story has some.
std::uint32_t number_at(const std::byte* record, const BoundedField& field) {
  const std::byte* at = record + field.offset;
  if (field.size == 1) return value_at<std::uint8_t>(at);
  return field.size == 2 ? value_at<std::uint16_t>(at) : value_at<std::uint32_t>(at);
}

}  // namespace

Result<Record> decode(std::span<const std::byte> bytes) {
  if (!is_aligned(bytes.data())) return refused("record is not aligned to 8 bytes");
  if (bytes.size() < sizeof(tw_header)) {
    return refused("record is cut off: {} bytes, less than a header", bytes.size());
  }
  const auto& header = *reinterpret_cast<const tw_header*>(bytes.data());
  if (record_size(bytes) == 0) {
    return refused("record says it has {} bytes, of {} that there are", header.size, bytes.size());
  }
  const Layout* layout = layout_of(header.kind);
  if (layout == nullptr) return refused("record is of unknown kind {}", header.kind);
  if (header.size != layout->size) {
    return refused("{} record has {} bytes instead of {}", kind_name(header.kind), header.size,
                   layout->size);
  }
  for (const BoundedField& field : layout->bounds) {
    const std::uint32_t number = number_at(bytes.data(), field);
    if (number < field.low || number > field.high) {
      return refused("{} record: {} is {}, not in {} to {}", kind_name(header.kind), field.name,
                     number, field.low, field.high);
    }
  }
  for (const TextField& text : layout->texts) {
    if (is_terminated(bytes.data(), text)) continue;
    return refused("{} record: {} does not end", kind_name(header.kind), text.name);
  }
  return layout->view(bytes.data());
}

}  // namespace tcpwatch
