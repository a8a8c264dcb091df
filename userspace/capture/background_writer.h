// SPDX-License-Identifier: Apache-2.0
//
// A CaptureWriter in a thread of its own: whoever drains the kernel's ring buffer copies records
// and goes on, however slow the disk is. The queue is bounded; a story that finds it full is
// dropped and counted into the loss records that follow, so that seen + lost stays the truth.
// Counters may take twice the room before they are dropped as well: the next ones make up for them.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "capture/writer.h"
#include "events/record.h"

namespace tcpwatch {

class BackgroundWriter : public RecordSink {
 public:
  static constexpr std::size_t kMostQueued = std::size_t{32} << 20;

  // The writer is this thread's alone from now on, until finish().
  explicit BackgroundWriter(CaptureWriter& writer, std::size_t most_queued = kMostQueued);
  ~BackgroundWriter() override;

  // By the thread that drains.
  void on_record(const Record& record) override;
  void hand_over();
  // Writes what is left and closes the file; the first error there was.
  Result<> finish();

  bool failed() const { return failed_; }  // the disk is full: there is no point in going on
  std::uint64_t written() const { return written_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t dropped() const { return dropped_all_; }

 private:
  void run();
  bool has_room(std::uint32_t kind) const;

  CaptureWriter& writer_;
  std::size_t most_queued_;
  RecordBatch batch_;
  std::array<std::uint64_t, TW_KIND_LIMIT> dropped_{};
  std::uint64_t dropped_all_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<RecordBatch> queue_;
  std::vector<RecordBatch>
      spare_;  // written, and empty again: fresh memory costs more than copying
  bool ending_ = false;
  Result<> result_ = Ok{};
  std::atomic<std::size_t> queued_ = 0;
  std::atomic<bool> failed_ = false;
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> records_ = 0;
  std::thread thread_;
};

}  // namespace tcpwatch
