// SPDX-License-Identifier: Apache-2.0
#include "capture/file_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "capture/checksum.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kWindow = std::size_t{64} << 10;  // read at once while looking for a block

Error cannot_read(const std::string& path, int error) {
  return {ErrorKind::kBadInput, fmt::format("cannot read {}: {}", path, std::strerror(error)), ""};
}

bool is_data(BlockType type) { return type == BlockType::kRecords || type == BlockType::kState; }

}  // namespace

Result<FileReader> FileReader::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // no wait for a pipe
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return cannot_read(path, errno);
  if (!S_ISREG(status.st_mode))
    return Error{ErrorKind::kBadInput, path + " is no file", "captures are files: NAME.tcpw"};
  FileReader file(path, std::move(fd), static_cast<std::uint64_t>(status.st_size));
  const std::uint64_t begin = file.read_header();
  file.closed_ = file.read_index(begin);
  if (!file.closed_) file.scan(begin);
  if (begin == 0 && file.blocks_.empty())
    return Error{ErrorKind::kBadInput, path + " is no capture of tcpwatch",
                 "`tcpwatch record -o FILE.tcpw` makes one"};
  if (file.header_.version > kFormatVersion)
    return Error{ErrorKind::kBadInput,
                 fmt::format("{} has format {}, this tcpwatch reads up to {}", path,
                             file.header_.version, kFormatVersion),
                 "a newer tcpwatch reads it"};
  if (file.header_.version == 0) file.take_host_from_records();
  return file;
}

bool FileReader::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

// Where the first block is; 0: this is no header.
std::uint64_t FileReader::read_header() {
  FileHeader header{};
  if (!read_at(0, std::as_writable_bytes(std::span(&header, 1))) || header.magic != kFileMagic)
    return 0;
  if (header.checksum != header_checksum(header) || header.size < sizeof header) {
    damage_.header = true;
    return sizeof header;
  }
  header_ = header;
  return header.size;
}

// The first block and every state have the host. What is damaged is counted when it is asked for.
void FileReader::take_host_from_records() {
  const Damage before = damage_;
  RecordBatch batch;
  for (const IndexEntry& entry : blocks_) {
    batch.clear();
    if (!read(entry, Kinds().add(TW_KIND_HOST), batch)) continue;
    batch.for_each([this](const Record& record) {
      const auto* const* host = std::get_if<const tw_host*>(&record);
      if (!host || header_.realtime_ns != 0) return;
      header_.realtime_ns = (*host)->realtime_ns;
      header_.monotonic_ns = (*host)->header.time;
      header_.abi_version = (*host)->abi_version;
      std::memcpy(header_.host, (*host)->hostname, sizeof header_.host);
      std::memcpy(header_.kernel, (*host)->kernel, sizeof header_.kernel);
      std::memcpy(header_.tool, (*host)->version, sizeof header_.tool);
    });
    if (header_.realtime_ns != 0) break;
  }
  damage_ = before;
}

// A header whose own checksum is right, of a block that the file may hold.
bool FileReader::block_at(std::uint64_t offset, BlockHeader& header) const {
  return size_ >= sizeof header && offset <= size_ - sizeof header &&
         read_at(offset, std::as_writable_bytes(std::span(&header, 1))) &&
         header.magic == kBlockMagic && header.checksum == header_checksum(header) &&
         header.stored <= kMostStored && header.raw <= kMostRaw;
}

bool FileReader::read_index(std::uint64_t begin) {
  Trailer trailer{};
  if (begin == 0 || size_ < begin + sizeof(BlockHeader) + sizeof trailer ||
      !read_at(size_ - sizeof trailer, std::as_writable_bytes(std::span(&trailer, 1))) ||
      trailer.magic != kEndMagic)
    return false;
  BlockHeader header{};
  if (!block_at(trailer.index_offset, header) || header.type != BlockType::kIndex ||
      header.stored % sizeof(IndexEntry) != 0 ||
      trailer.index_offset + sizeof header + header.stored + sizeof trailer != size_)
    return false;
  std::vector<IndexEntry> index(header.stored / sizeof(IndexEntry));
  const auto bytes = std::as_writable_bytes(std::span(index));
  if (!read_at(trailer.index_offset + sizeof header, bytes) ||
      checksum_of(bytes) != header.payload_checksum)
    return false;
  // Blocks in order, and none of them anything but a block: read() looks at each again.
  std::uint64_t end = begin;
  for (IndexEntry& entry : index) {
    entry.block.magic = kBlockMagic;
    if (entry.offset < end || entry.block.checksum != header_checksum(entry.block)) return false;
    end = entry.offset + sizeof(BlockHeader) + entry.block.stored;
    if (is_data(entry.block.type)) blocks_.push_back(entry);
  }
  return true;
}

// The next place from which a block can be read; the file's size where there is none.
std::uint64_t FileReader::next_block(std::uint64_t from) const {
  Bytes window(kWindow + sizeof kBlockMagic - 1);
  for (; from + sizeof(BlockHeader) <= size_; from += kWindow) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(window.size(), size_ - from));
    if (!read_at(from, std::span(window).first(size))) return size_;
    const auto* at = window.data();
    const auto* const end = window.data() + size;
    while ((at = static_cast<const std::byte*>(::memmem(at, static_cast<std::size_t>(end - at),
                                                        &kBlockMagic, sizeof kBlockMagic))) !=
           nullptr) {
      const std::uint64_t offset = from + static_cast<std::uint64_t>(at - window.data());
      BlockHeader header{};
      if (block_at(offset, header)) return offset;
      ++at;
    }
  }
  return size_;
}

void FileReader::scan(std::uint64_t begin) {
  blocks_.clear();
  for (std::uint64_t at = begin; at < size_;) {
    BlockHeader header{};
    if (!block_at(at, header)) {
      const std::uint64_t next = next_block(at + (at == 0 ? 0 : 1));
      if (next == size_) {
        // Less than a header: the end of a write that never came to its end.
        damage_.torn = true;
        if (size_ - at >= sizeof header && at != begin) ++damage_.blocks;
      } else if (at != 0) {
        ++damage_.blocks;  // at least one
      }
      damage_.bytes += next - at;
      at = next;
      continue;
    }
    const std::uint64_t end = at + sizeof header + header.stored;
    if (end > size_) {
      // Its tail is gone; or its length is a lie, and there is more behind.
      const std::uint64_t next = next_block(at + 1);
      damage_.torn |= next == size_;
      ++damage_.blocks;
      damage_.bytes += next - at;
      at = next;
      continue;
    }
    if (is_data(header.type)) blocks_.push_back({at, header});
    at = end;
    // What stands behind an index is the trailer.
    if (header.type == BlockType::kIndex)
      at += std::min<std::uint64_t>(size_ - at, sizeof(Trailer));
  }
}

bool FileReader::read(const IndexEntry& block, Kinds wanted, RecordBatch& out) {
  if (!wanted.any_of(Kinds(block.block.kinds))) return true;
  BlockHeader header{};
  bool good = block_at(block.offset, header) && header.checksum == block.block.checksum;
  if (good) {
    payload_.resize(header.stored);
    good = read_at(block.offset + sizeof header, payload_) &&
           checksum_of(payload_) == header.payload_checksum &&
           decoder_.decode(header, payload_, wanted, out);
  }
  if (good) return true;
  ++damage_.blocks;
  damage_.bytes += sizeof header + block.block.stored;
  return false;
}

}  // namespace tcpwatch
