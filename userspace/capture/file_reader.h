// SPDX-License-Identifier: Apache-2.0
//
// One capture file, as far as it can be read: a torn tail costs the last block, damage in between
// the blocks it hits. What was lost is counted, never an error by itself. Reads blocks one by one,
// so that memory does not grow with the file; trusts nothing that a checksum does not cover, and of
// what it covers no length. One owner, one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "capture/block_decoder.h"
#include "capture/format.h"
#include "capture/kinds.h"

namespace tcpwatch {

struct Damage {
  std::uint64_t blocks = 0;  // that were there once
  std::uint64_t bytes = 0;   // that belong to no whole block
  bool torn = false;         // the file ends in the middle of a block: a crash, or still written to
  bool header = false;       // the file's own header is damaged

  bool any() const { return blocks != 0 || bytes != 0 || torn || header; }
};

class FileReader {
 public:
  static Result<FileReader> open(const std::string& path);

  const std::string& path() const { return path_; }
  // Where the file's header is damaged: host and clocks as its records tell them, the rest zero.
  const FileHeader& header() const { return header_; }
  std::span<const IndexEntry> blocks() const { return blocks_; }
  std::uint64_t size() const { return size_; }
  bool closed() const { return closed_; }  // in good order, with an index
  const Damage& damage() const { return damage_; }

  // Appends the wanted records of a block to `out`. False: it is damaged, and counted.
  bool read(const IndexEntry& block, Kinds wanted, RecordBatch& out);

 private:
  FileReader(std::string path, UniqueFd fd, std::uint64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  bool read_at(std::uint64_t offset, std::span<std::byte> out) const;
  bool block_at(std::uint64_t offset, BlockHeader& header) const;
  std::uint64_t read_header();
  void take_host_from_records();
  bool read_index(std::uint64_t begin);
  void scan(std::uint64_t begin);
  std::uint64_t next_block(std::uint64_t from) const;

  std::string path_;
  UniqueFd fd_;
  std::uint64_t size_;
  FileHeader header_{};
  std::vector<IndexEntry> blocks_;
  bool closed_ = false;
  Damage damage_;
  BlockDecoder decoder_;
  Bytes payload_;
};

}  // namespace tcpwatch
