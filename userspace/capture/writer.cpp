// SPDX-License-Identifier: Apache-2.0
#include "capture/writer.h"

#include <cstring>

#include "events/decode.h"
#include "events/make.h"

namespace tcpwatch {
namespace {

tw_header header_at(std::span<const std::byte> record) {
  tw_header header{};
  std::memcpy(&header, record.data(), sizeof header);
  return header;
}

}  // namespace

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
    const std::size_t stories = run_of_stories(records);
    const auto taken =
        stories != 0 ? take_stories(records.first(stories)) : take(records.first(size));
    if (!taken) return taken;
    records = records.subspan(stories != 0 ? stories : size);
  }
  return Ok{};
}

// Stories leave no trace in a state: those that follow each other are taken at once, as many as
// fill the block.
std::size_t CaptureWriter::run_of_stories(std::span<const std::byte> records) {
  std::size_t run = 0;
  while (batch_.bytes().size() + run < limits_.block_bytes) {
    const std::size_t size = record_size(records.subspan(run));
    if (size == 0 || size > limits_.block_bytes ||
        header_at(records.subspan(run)).kind >= TW_KIND_HOST)
      break;
    run += size;
    ++records_;
  }
  return run;
}

void CaptureWriter::note_time(std::uint64_t time) {
  if (batch_.empty()) batch_since_ = time;
  if (file_since_ == 0) file_since_ = state_since_ = time;
}

Result<> CaptureWriter::take_stories(std::span<const std::byte> records) {
  note_time(header_at(records).time);
  batch_.append_bytes(records);
  return batch_.bytes().size() >= limits_.block_bytes ? flush() : Ok{};
}

void CaptureWriter::prime(std::span<const std::byte> record) {
  if (header_at(record).kind == TW_KIND_HOST && record.size() == sizeof host_)
    std::memcpy(&host_, record.data(), sizeof host_);
  state_.note(record);
}

Result<> CaptureWriter::take(std::span<const std::byte> record) {
  const tw_header header = header_at(record);
  if (record.size() > limits_.block_bytes) return Ok{};  // none of ours is
  note_time(header.time);
  prime(record);
  batch_.append_bytes(record);
  ++records_;
  if (header.kind == TW_KIND_TICK) return at_tick(header.time);
  return batch_.bytes().size() >= limits_.block_bytes ? flush() : Ok{};
}

// Only here do blocks end by age, states come and files change: the counters are those of one
// moment then.
Result<> CaptureWriter::at_tick(std::uint64_t now) {
  const bool age = limits_.max_age_ns != 0 && now >= file_since_ + limits_.max_age_ns;
  const bool state = now >= state_since_ + limits_.state_ns;
  if (age || state || now >= batch_since_ + limits_.block_ns ||
      batch_.bytes().size() >= limits_.block_bytes) {
    const auto flushed = flush();
    if (!flushed) return flushed;
  }
  if (age || (limits_.max_size != 0 && file_->size() >= limits_.max_size)) {
    const auto flushed = flush();
    if (!flushed) return flushed;
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

Result<> CaptureWriter::write_block(BlockType type, std::span<const std::byte> records) {
  if (file_->size() == 0) {
    const auto begun = file_->begin(file_header(recording_, host_, part_));
    if (!begun) return begun;
  }
  coded_.clear();
  const BlockHeader coded = encoder_.encode(type, records, coded_);
  return file_->append(coded, coded_);
}

Result<> CaptureWriter::flush() {
  if (batch_.empty()) return Ok{};
  const auto written = write_block(BlockType::kRecords, batch_.bytes());
  batch_.clear();
  return written;
}

// In as many blocks as it needs: together they are one state.
Result<> CaptureWriter::write_state(std::uint64_t now) {
  state_since_ = now;
  Result<> written = Ok{};
  state_.tell(now, limits_.block_bytes, [&](std::span<const std::byte> records) {
    if (written) written = write_block(BlockType::kState, records);
  });
  if (!written) return written;
  return file_->sync();
}

Result<> CaptureWriter::close() {
  if (!file_) return Ok{};
  auto result = flush();
  if (result && file_->size() == 0) result = file_->begin(file_header(recording_, host_, part_));
  const auto closed = file_->close();
  if (closed_) closed_(path_);
  return result ? closed : result;
}

std::uint64_t CaptureWriter::bytes() const { return bytes_before_ + (file_ ? file_->size() : 0); }

}  // namespace tcpwatch
