// SPDX-License-Identifier: Apache-2.0
//
// One capture file: header, whole blocks, index. Never over a file that is there. A block that
// cannot be written whole is cut off again, so that what was there before stays readable; close()
// then still writes the index. One owner, one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "capture/bytes.h"
#include "capture/format.h"

namespace tcpwatch {

class FileWriter {
 public:
  static Result<FileWriter> create(const std::string& path);

  // First, once.
  Result<> begin(FileHeader header);
  // Header and payload, as BlockEncoder wrote them.
  Result<> append(const BlockHeader& header, std::span<const std::byte> block);
  // Waits until what was written would survive a power cut.
  Result<> sync();
  Result<> close();
  // Takes the file away again: what it has is of no use to anybody.
  void discard();

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }

 private:
  FileWriter(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<> write(std::span<const std::byte> bytes);
  Error failed(int error) const;

  std::string path_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
  std::vector<IndexEntry> index_;
};

}  // namespace tcpwatch
