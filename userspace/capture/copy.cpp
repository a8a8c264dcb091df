// SPDX-License-Identifier: Apache-2.0
#include "capture/copy.h"

#include <algorithm>

#include "capture/writer.h"
#include "events/decode.h"

namespace tcpwatch {
namespace {

// What the last tick before the window had ended goes into the state that the new file begins with;
// what came between that tick and the window belongs to its first interval.
class Copier : public RecordSink {
 public:
  Copier(CaptureWriter& writer, std::uint64_t from) : writer_(writer), from_(from) {}

  void on_record(const Record& record) override {
    std::visit([this](const auto* typed) { take(std::as_bytes(std::span(typed, 1))); }, record);
  }
  void take(std::span<const std::byte> record) {
    const tw_header header = header_at(record);
    if (begun_) return append(record);
    if (header.time >= from_) {
      begin();
      return append(record);
    }
    between_.append_bytes(record);
    if (header.kind != TW_KIND_TICK) return;
    each(between_, [this](std::span<const std::byte> older) { writer_.prime(older); });
    between_.clear();
    tick_ = header.time;
  }
  const Result<>& result() const { return result_; }
  const CopyCount& count() const { return count_; }

 private:
  template <typename Take>
  static void each(const RecordBatch& batch, Take&& take) {
    auto left = batch.bytes();
    while (const std::size_t size = record_size(left)) {
      take(left.first(size));
      left = left.subspan(size);
    }
  }
  void begin() {
    begun_ = true;
    if (tick_ != 0) result_ = writer_.begin_with_state(tick_);
    each(between_, [this](std::span<const std::byte> record) { append(record); });
    between_.clear();
  }
  void append(std::span<const std::byte> record) {
    if (result_) result_ = writer_.append(record);
    ++count_.records;
    ++count_.kinds[std::min<std::size_t>(header_at(record).kind, TW_KIND_LIMIT)];
  }

  CaptureWriter& writer_;
  std::uint64_t from_;
  bool begun_ = false;
  std::uint64_t tick_ = 0;  // the last before the window; 0: none
  RecordBatch between_;     // since then
  Result<> result_ = Ok{};
  CopyCount count_;
};

}  // namespace

CopyCount count_records(FileReader& file) {
  CopyCount count;
  RecordBatch batch;
  for (const IndexEntry& entry : file.blocks()) {
    if (entry.block.type != BlockType::kRecords) continue;
    batch.clear();
    file.read(entry, Kinds::all(), batch);
    auto left = batch.bytes();
    while (const std::size_t size = record_size(left)) {
      ++count.records;
      ++count.kinds[std::min<std::size_t>(header_at(left).kind, TW_KIND_LIMIT)];
      left = left.subspan(size);
    }
  }
  return count;
}

Result<CopyCount> copy_capture(CaptureSet& captures, const Window& window,
                               const std::string& path) {
  const FileHeader& header = captures.files().front().header();
  Recording recording;
  recording.session = header.session;
  recording.boot_id = header.boot_id;
  recording.detail = header.detail;
  CaptureWriter writer(recording, {}, [&](std::uint32_t) { return path; });
  auto done = writer.open();
  if (!done) return done.error();
  Copier copier(writer, window.from);
  Replay source(captures, window);
  source.pass_unknown([&](std::span<const std::byte> record) { copier.take(record); });
  for (;;) {
    const auto more = source.advance(copier);
    if (!more) return more.error();
    if (!copier.result()) return copier.result().error();
    if (!*more) break;
  }
  done = writer.close();
  if (!done) return done.error();
  return copier.count();
}

}  // namespace tcpwatch
