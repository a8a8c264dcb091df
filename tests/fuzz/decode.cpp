// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer: hostile bytes into the decoder. Each input is read twice: as a stream of records as it
// is, and as one record whose kind is the first byte and whose size is right, to get behind the
// first checks at once. Whatever is accepted is read to its last byte.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "base/fixed_text.h"
#include "events/batch.h"
#include "events/decode.h"
#include "events/layout.h"

namespace {

using namespace tcpwatch;

void require(bool condition) {
  if (!condition) std::abort();
}

// An exact copy on the heap, aligned: the address sanitizer sees a read of one byte too many.
struct Copy {
  explicit Copy(std::span<const std::uint8_t> data)
      : memory(static_cast<std::byte*>(std::malloc(data.size())), &std::free),
        bytes(memory.get(), data.size()) {
    if (!data.empty()) std::memcpy(memory.get(), data.data(), data.size());
  }
  std::unique_ptr<std::byte, decltype(&std::free)> memory;
  std::span<std::byte> bytes;
};

void check_accepted(const Record& record) {
  std::visit(
      [](const auto* typed) {
        require(typed->header.size == sizeof *typed);
        volatile std::uint8_t sink = 0;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(typed);
        for (std::size_t i = 0; i < sizeof *typed; ++i) sink = bytes[i];
        (void)sink;
      },
      record);
  if (const auto* const* process = std::get_if<const tw_process*>(&record)) {
    require(text_of((*process)->cgroup).size() < sizeof(*process)->cgroup);
  }
}

void read_stream(std::span<const std::uint8_t> data) {
  const Copy copy(data);
  const ReadCount count = read_records(copy.bytes, check_accepted,
                                       [](const Error& error) { require(!error.message.empty()); });
  require(count.records * sizeof(tw_header) <= data.size());
}

void read_one(std::span<const std::uint8_t> data) {
  if (data.size() < sizeof(tw_header)) return;
  const Copy copy(data);
  const std::uint16_t kind = data[0] % TW_KIND_LIMIT;
  const Layout* layout = layout_of(kind);
  const auto size = layout != nullptr ? layout->size : static_cast<std::uint32_t>(data.size());
  std::memcpy(copy.bytes.data() + offsetof(tw_header, size), &size, sizeof size);
  std::memcpy(copy.bytes.data() + offsetof(tw_header, kind), &kind, sizeof kind);
  if (const auto record = decode(copy.bytes)) check_accepted(*record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_stream({data, size});
  read_one({data, size});
  return 0;
}
