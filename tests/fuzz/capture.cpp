// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer: hostile bytes as a capture file, read to the end through decoder and model; and as the
// payload of one block whose header and checksums are right, to get behind the first checks at
// once.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "capture/checksum.h"
#include "capture/replay.h"
#include "model/model.h"

namespace {

using namespace tcpwatch;

constexpr ModelLimits kSmall = {.flow_slots = 256,
                                .listener_slots = 64,
                                .workers = 64,
                                .destinations = 64,
                                .routes = 64,
                                .namespaces = 16,
                                .hooks = 16};

void require(bool condition) {
  if (!condition) std::abort();
}

void play(std::span<const std::byte> file) {
  const UniqueFd fd(::memfd_create("capture", MFD_CLOEXEC));
  require(::write(fd.get(), file.data(), file.size()) == static_cast<ssize_t>(file.size()));
  const std::vector<std::string> paths{"/proc/self/fd/" + std::to_string(fd.get())};
  auto set = CaptureSet::open_one(paths);
  if (!set) {
    require(!set.error().message.empty());
    return;
  }
  Model model(kSmall);
  Replay source(*set, {});
  for (int ticks = 0; ticks < 1000; ++ticks) {
    const auto more = source.advance(model);
    if (!more || !*more) break;
  }
  require(model.snapshot()->workers.size() <= kSmall.workers);
}

// As the one block of a file, of a size and a number of records that its sections may have.
void play_payload(std::span<const std::uint8_t> data) {
  if (data.size() < 8) return;
  FileHeader file{};
  file.magic = kFileMagic;
  file.size = sizeof file;
  file.version = kFormatVersion;
  file.checksum = header_checksum(file);
  BlockHeader block{};
  block.magic = kBlockMagic;
  block.type = data[0] % 4 == 0 ? BlockType::kState : BlockType::kRecords;
  std::memcpy(&block.records, data.data() + 1, 2);
  std::memcpy(&block.raw, data.data() + 3, 3);
  block.kinds = ~std::uint64_t{0};
  const auto payload = std::as_bytes(data.subspan(8));
  block.stored = static_cast<std::uint32_t>(payload.size());
  block.payload_checksum = checksum_of(payload);
  block.checksum = header_checksum(block);
  Bytes bytes;
  put_bytes(bytes, &file, sizeof file);
  put_bytes(bytes, &block, sizeof block);
  put_bytes(bytes, payload.data(), payload.size());
  play(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  play(std::as_bytes(std::span(data, size)));
  play_payload({data, size});
  return 0;
}
