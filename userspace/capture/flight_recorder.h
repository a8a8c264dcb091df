// SPDX-License-Identifier: Apache-2.0
//
// The last seconds of the stream, kept in memory as the blocks that a file would have, and written
// when somebody asks: what came before is in the file, and recording goes on for a while. Bounded
// in time and in bytes; what is too old goes, a whole state with its blocks at once. Time is the
// records' time. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "capture/block_encoder.h"
#include "capture/file_writer.h"
#include "capture/state_keeper.h"
#include "capture/writer.h"
#include "events/record.h"

namespace tcpwatch {

struct FlightLimits {
  std::uint64_t span_ns = 120'000'000'000;
  std::size_t bytes = std::size_t{32} << 20;
  std::uint64_t after_ns = 30'000'000'000;  // recording goes on for so long after a dump
  std::uint64_t segment_ns = 20'000'000'000;
  std::uint64_t block_ns = 2'000'000'000;
  std::size_t block_bytes = std::size_t{256} << 10;
};

class FlightRecorder : public RecordSink {
 public:
  explicit FlightRecorder(const Recording& recording, const FlightLimits& limits = {});

  void on_record(const Record& record) override;

  // Writes all there is into a new file and goes on with it. While a file is under way it only goes
  // on for longer.
  Result<> dump(const std::string& path);
  // Ends the file under way, if there is one: at the end of the program.
  Result<> finish();

  bool writing() const { return file_.has_value(); }
  std::size_t bytes() const { return bytes_; }
  // The first error since a dump began: a full disk.
  const Result<>& result() const { return result_; }

 private:
  struct Block {
    BlockHeader header;
    Bytes bytes;
  };
  // A state and what came after it.
  struct Segment {
    std::uint64_t begin = 0;
    std::size_t states = 0;  // blocks of the state
    std::deque<Block> blocks;
  };

  void at_tick(std::uint64_t now);
  void begin_segment(std::uint64_t now);
  void end_block(BlockType type);
  void forget(std::uint64_t now);

  Recording recording_;
  FlightLimits limits_;
  BlockEncoder encoder_;
  StateKeeper state_;
  std::uint64_t block_since_ = 0;
  std::deque<Segment> segments_;
  std::size_t bytes_ = 0;
  std::uint64_t now_ = 0;  // the last tick
  tw_host host_{};
  std::optional<FileWriter> file_;
  std::uint64_t until_ = 0;
  Result<> result_ = Ok{};
};

}  // namespace tcpwatch
