// SPDX-License-Identifier: Apache-2.0
//
// A recording: a stream of records into one capture file, or into numbered ones. Blocks end when
// they are large or old, always so that each can be read alone; every now and then a state goes
// between them. Time is the records' time. One thread; see BackgroundWriter for another one.
//
// What survives: a block is handed to the kernel as soon as it ends, so that whatever happens to
// tcpwatch costs at most the block under way (block_ns); fdatasync() follows each state and each
// end of a file, so that a power cut costs at most state_ns.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "capture/block_encoder.h"
#include "capture/file_writer.h"
#include "capture/state_keeper.h"

namespace tcpwatch {

struct Recording {
  std::uint64_t session = 0;
  std::array<unsigned char, 16> boot_id{};
  std::uint32_t detail = 0;
};

FileHeader file_header(const Recording& recording, const tw_host& host, std::uint32_t part);

struct WriterLimits {
  std::size_t block_bytes = std::size_t{4} << 20;
  std::uint64_t block_ns = 5'000'000'000;
  std::uint64_t state_ns = 30'000'000'000;
  std::uint64_t max_size = 0;    // bytes of a file before the next one begins; 0: one file
  std::uint64_t max_age_ns = 0;  // its age; 0: any
};

class CaptureWriter {
 public:
  // `name` gives the path of a part, from 1; `closed` is told each one that was finished.
  CaptureWriter(const Recording& recording, const WriterLimits& limits,
                std::function<std::string(std::uint32_t part)> name,
                std::function<void(const std::string&)> closed = {});

  // Opens the first file, so that an unwritable path shows at once.
  Result<> open();
  // One record from before the beginning: it is not written, but part of the first state.
  void prime(std::span<const std::byte> record);
  // Writes that state; `now` is the time of the last tick before the beginning.
  Result<> begin_with_state(std::uint64_t now) { return write_state(now); }
  // Whole records.
  Result<> append(std::span<const std::byte> records);
  Result<> close();

  std::uint64_t bytes() const;  // of all parts
  std::uint64_t records() const { return records_; }
  const std::string& path() const { return path_; }

 private:
  Result<> start_file(std::uint64_t now);
  Result<> take(std::span<const std::byte> record);
  Result<> at_tick(std::uint64_t now);
  bool is_full() const { return encoder_.raw() >= limits_.block_bytes; }
  Result<> write_state(std::uint64_t now);
  Result<> end_block(BlockType type);

  Recording recording_;
  WriterLimits limits_;
  std::function<std::string(std::uint32_t)> name_;
  std::function<void(const std::string&)> closed_;
  BlockEncoder encoder_;
  StateKeeper state_;
  Bytes coded_;
  std::optional<FileWriter> file_;
  std::string path_;
  tw_host host_{};
  std::uint32_t part_ = 0;
  std::uint64_t block_since_ = 0;
  std::uint64_t state_since_ = 0;
  std::uint64_t file_since_ = 0;
  std::uint64_t bytes_before_ = 0;  // of the parts before this one
  std::uint64_t records_ = 0;
};

}  // namespace tcpwatch
