// SPDX-License-Identifier: Apache-2.0
#include "capture/writer.h"

#include <cstring>

#include "events/decode.h"
#include "events/make.h"

namespace tcpwatch {

FileHeader file_header(const Recording& recording, const tw_host& host, std::uint32_t part) {
  FileHeader header{};
  header.abi_version = TW_ABI_VERSION;
  header.session = recording.session;
  header.boot_id = recording.boot_id;
  header.detail = recording.detail;
  header.part = part;
  header.cpus = host.cpus;
  header.monotonic_ns = host.header.time;
  header.realtime_ns = host.realtime_ns;
  std::memcpy(header.host, host.hostname, sizeof header.host);
  std::memcpy(header.kernel, host.kernel, sizeof header.kernel);
  std::memcpy(header.tool, host.version, sizeof header.tool);
  return header;
}

CaptureWriter::CaptureWriter(const Recording& recording, const WriterLimits& limits,
                             std::function<std::string(std::uint32_t)> name,
                             std::function<void(const std::string&)> closed)
    : recording_(recording), limits_(limits), name_(std::move(name)), closed_(std::move(closed)) {}

Result<> CaptureWriter::open() {
  path_ = name_(++part_);
  auto file = FileWriter::create(path_);
  if (!file) return file.error();
  file_.emplace(std::move(*file));
  return Ok{};
}

Result<> CaptureWriter::append(std::span<const std::byte> records) {
  while (const std::size_t size = record_size(records)) {
    const auto taken = take(records.first(size));
    if (!taken) return taken;
    records = records.subspan(size);
  }
  return Ok{};
}

void CaptureWriter::prime(std::span<const std::byte> record) {
  if (header_at(record).kind == TW_KIND_HOST && record.size() == sizeof host_)
    std::memcpy(&host_, record.data(), sizeof host_);
  state_.note(record);
}

Result<> CaptureWriter::take(std::span<const std::byte> record) {
  const tw_header header = header_at(record);
  if (record.size() > limits_.block_bytes) return Ok{};  // none of ours is
  if (encoder_.empty()) block_since_ = header.time;
  if (file_since_ == 0) file_since_ = state_since_ = header.time;
  if (header.kind >= TW_KIND_HOST) prime(record);  // stories leave no trace in a state
  encoder_.add(record);
  ++records_;
  if (header.kind == TW_KIND_TICK) return at_tick(header.time);
  return is_full() ? end_block(BlockType::kRecords) : Ok{};
}

// Only here do blocks end by age, states come and files change: the counters are those of one
// moment then.
Result<> CaptureWriter::at_tick(std::uint64_t now) {
  const bool age = limits_.max_age_ns != 0 && now >= file_since_ + limits_.max_age_ns;
  const bool state = now >= state_since_ + limits_.state_ns;
  if (age || state || now >= block_since_ + limits_.block_ns || is_full()) {
    const auto ended = end_block(BlockType::kRecords);
    if (!ended) return ended;
  }
  if (age || (limits_.max_size != 0 && file_->size() >= limits_.max_size)) {
    const auto ended = end_block(BlockType::kRecords);
    if (!ended) return ended;
    return start_file(now);
  }
  return state ? write_state(now) : Ok{};
}

Result<> CaptureWriter::start_file(std::uint64_t now) {
  bytes_before_ += file_->size();
  auto done = file_->close();
  if (!done) return done;
  if (closed_) closed_(path_);
  done = open();
  if (!done) return done;
  file_since_ = now;
  return write_state(now);
}

Result<> CaptureWriter::end_block(BlockType type) {
  if (encoder_.empty()) return Ok{};
  if (file_->size() == 0) {
    const auto begun = file_->begin(file_header(recording_, host_, part_));
    if (!begun) return begun;
  }
  coded_.clear();
  const BlockHeader coded = encoder_.finish(type, coded_);
  return file_->append(coded, coded_);
}

// In as many blocks as it needs: together they are one state. The block before has ended.
Result<> CaptureWriter::write_state(std::uint64_t now) {
  state_since_ = now;
  Result<> written = Ok{};
  state_.tell(now, [&](std::span<const std::byte> record) {
    if (written && encoder_.raw() + record.size() > limits_.block_bytes)
      written = end_block(BlockType::kState);
    if (written) encoder_.add(record);
  });
  if (written) written = end_block(BlockType::kState);
  return written ? file_->sync() : written;
}

Result<> CaptureWriter::close() {
  if (!file_) return Ok{};
  auto result = end_block(BlockType::kRecords);
  if (result && file_->size() == 0) result = file_->begin(file_header(recording_, host_, part_));
  const auto closed = file_->close();
  if (closed_) closed_(path_);
  return result ? closed : result;
}

std::uint64_t CaptureWriter::bytes() const { return bytes_before_ + (file_ ? file_->size() : 0); }

}  // namespace tcpwatch
