// SPDX-License-Identifier: Apache-2.0
#include "capture/file_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "capture/checksum.h"

namespace tcpwatch {
namespace {

std::string_view remedy(int error) {
  switch (error) {
    case EEXIST:
      return "name another file with -o, or move this one away";
    case ENOSPC:
    case EDQUOT:
      return "make room, or record elsewhere with -o; --max-size with --max-files limits what is "
             "kept";
    case ENOENT:
      return "make its directory first";
    case EACCES:
    case EPERM:
    case EROFS:
      return "name a file with -o in a directory that you may write to";
    default:
      return "";
  }
}

}  // namespace

Error FileWriter::failed(int error) const {
  return {ErrorKind::kInputOutput, fmt::format("cannot write {}: {}", path_, std::strerror(error)),
          std::string(remedy(error))};
}

Result<FileWriter> FileWriter::create(const std::string& path) {
  // Who talks to whom is not for everybody to read.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  const int error = errno;
  FileWriter file(path, UniqueFd(fd));
  if (fd < 0) return file.failed(error);
  return file;
}

Result<> FileWriter::begin(FileHeader header) {
  header.magic = kFileMagic;
  header.size = sizeof header;
  header.version = kFormatVersion;
  header.checksum = header_checksum(header);
  const auto written = write(std::as_bytes(std::span(&header, 1)));
  if (written) size_ = sizeof header;
  return written;
}

Result<> FileWriter::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = written < 0 ? errno : ENOSPC;
      // Back to the last whole block; where even that fails, readers cut the tail off themselves.
      if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) == 0)
        ::lseek(fd_.get(), static_cast<off_t>(size_), SEEK_SET);
      return failed(error);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Ok{};
}

Result<> FileWriter::append(const BlockHeader& header, std::span<const std::byte> block) {
  const auto written = write(block);
  if (!written) return written;
  index_.push_back({size_, header});
  index_.back().block.magic = 0;
  size_ += block.size();
  return Ok{};
}

Result<> FileWriter::sync() {
  if (::fdatasync(fd_.get()) != 0 && errno != EINVAL) return failed(errno);  // a pipe, /dev/null
  return Ok{};
}

void FileWriter::discard() {
  if (fd_) ::unlink(path_.c_str());
  fd_.reset();
}

Result<> FileWriter::close() {
  if (!fd_) return Ok{};
  const auto payload = std::as_bytes(std::span(index_));
  BlockHeader header{};
  header.magic = kBlockMagic;
  header.type = BlockType::kIndex;
  header.stored = static_cast<std::uint32_t>(payload.size());
  header.payload_checksum = checksum_of(payload);
  header.checksum = header_checksum(header);
  const Trailer trailer{size_, kEndMagic};
  Bytes end;
  put_bytes(end, &header, sizeof header);
  put_bytes(end, payload.data(), payload.size());
  put_bytes(end, &trailer, sizeof trailer);
  // All or nothing: readers do without an index.
  auto result = write(end);
  if (result) {
    size_ += end.size();
    result = sync();
  }
  fd_.reset();
  return result;
}

}  // namespace tcpwatch
