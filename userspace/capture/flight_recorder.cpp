// SPDX-License-Identifier: Apache-2.0
#include "capture/flight_recorder.h"

#include <algorithm>

#include "events/decode.h"
#include "events/make.h"

namespace tcpwatch {
namespace {

constexpr int kFast = 1;  // zstd's level: memory is not disk

}  // namespace

FlightRecorder::FlightRecorder(const Recording& recording, const FlightLimits& limits)
    : recording_(recording), limits_(limits), encoder_(kFast) {
  segments_.emplace_back();  // the first one needs no state: it has the beginning
}

void FlightRecorder::on_record(const Record& record) {
  std::visit(
      [this](const auto* typed) {
        const auto bytes = std::as_bytes(std::span(typed, 1));
        if (encoder_.empty()) block_since_ = typed->header.time;
        if constexpr (std::is_same_v<decltype(typed), const tw_host*>) host_ = *typed;
        if (typed->header.kind >= TW_KIND_HOST) state_.note(bytes);
        encoder_.add(bytes);
        if (typed->header.kind == TW_KIND_TICK)
          at_tick(typed->header.time);
        else if (encoder_.raw() >= limits_.block_bytes)
          end_block(BlockType::kRecords);
      },
      record);
}

void FlightRecorder::at_tick(std::uint64_t now) {
  now_ = now;
  Segment& last = segments_.back();
  if (last.begin == 0) last.begin = block_since_;
  const bool old = now >= last.begin + limits_.segment_ns;
  if (old || now >= block_since_ + limits_.block_ns) end_block(BlockType::kRecords);
  if (old) begin_segment(now);
  forget(now);
  if (file_ && (now >= until_ || !result_)) result_ = finish();
}

void FlightRecorder::end_block(BlockType type) {
  if (encoder_.empty()) return;
  Block block;
  block.header = encoder_.finish(type, block.bytes);
  block.bytes.shrink_to_fit();
  bytes_ += block.bytes.size();
  if (file_ && result_) result_ = file_->append(block.header, block.bytes);
  segments_.back().blocks.push_back(std::move(block));
  if (bytes_ > limits_.bytes) forget(now_);
}

void FlightRecorder::begin_segment(std::uint64_t now) {
  segments_.emplace_back().begin = now;
  state_.tell(now, [this](std::span<const std::byte> record) {
    if (encoder_.raw() + record.size() > limits_.block_bytes) end_block(BlockType::kState);
    encoder_.add(record);
  });
  end_block(BlockType::kState);
  segments_.back().states = segments_.back().blocks.size();
}

void FlightRecorder::forget(std::uint64_t now) {
  const auto drop = [this](const Block& block) { bytes_ -= block.bytes.size(); };
  // The first segment goes when the second one holds all of the span.
  while (segments_.size() > 1 &&
         (bytes_ > limits_.bytes || segments_[1].begin + limits_.span_ns <= now)) {
    std::ranges::for_each(segments_.front().blocks, drop);
    segments_.pop_front();
  }
  auto& blocks = segments_.front().blocks;
  while (bytes_ > limits_.bytes && blocks.size() > segments_.front().states) {
    const auto oldest = blocks.begin() + static_cast<std::ptrdiff_t>(segments_.front().states);
    drop(*oldest);
    blocks.erase(oldest);
  }
}

Result<> FlightRecorder::dump(const std::string& path) {
  until_ = now_ + limits_.after_ns;
  if (file_) return Ok{};
  end_block(BlockType::kRecords);
  auto file = FileWriter::create(path);
  if (!file) return file.error();
  result_ = file->begin(file_header(recording_, host_, 1));
  for (const Segment& segment : segments_)
    for (const Block& block : segment.blocks)
      if (result_) result_ = file->append(block.header, block.bytes);
  if (result_) result_ = file->sync();
  if (result_)
    file_.emplace(std::move(*file));
  else
    file->discard();  // the newest of it is missing, and each try would leave another
  return result_;
}

Result<> FlightRecorder::finish() {
  if (!file_) return Ok{};
  end_block(BlockType::kRecords);
  const auto closed = file_->close();
  file_.reset();
  return result_ ? closed : result_;
}

}  // namespace tcpwatch
