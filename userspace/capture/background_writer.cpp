// SPDX-License-Identifier: Apache-2.0
#include "capture/background_writer.h"

#include <signal.h>

#include <utility>

namespace tcpwatch {
namespace {

constexpr std::size_t kEnough = std::size_t{256} << 10;  // to wake the other thread for
constexpr std::size_t kMostSpare = 8;

}  // namespace

BackgroundWriter::BackgroundWriter(CaptureWriter& writer, std::size_t most_queued)
    : writer_(writer), most_queued_(most_queued) {
  // Signals are for the thread that waits for them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BackgroundWriter::~BackgroundWriter() {
  if (thread_.joinable()) (void)finish();
}

bool BackgroundWriter::has_room(std::uint32_t kind) const {
  const std::size_t waiting = queued_ + batch_.bytes().size();
  return waiting < (kind < TW_KIND_HOST ? most_queued_ : 2 * most_queued_);
}

void BackgroundWriter::on_record(const Record& record) {
  std::visit(
      [this](const auto* typed) {
        if (!has_room(typed->header.kind)) {
          if (typed->header.kind < TW_KIND_LIMIT) ++dropped_[typed->header.kind];
          ++dropped_all_;
          return;
        }
        if constexpr (std::is_same_v<decltype(typed), const tw_loss*>) {
          tw_loss loss = *typed;
          for (std::size_t kind = 0; kind < TW_KIND_HOST; ++kind) loss.lost[kind] += dropped_[kind];
          batch_.append(loss);
        } else {
          batch_.append(*typed);
        }
      },
      record);
  if (batch_.bytes().size() >= kEnough) hand_over();
}

void BackgroundWriter::hand_over() {
  if (batch_.empty()) return;
  queued_ += batch_.bytes().size();
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(batch_));
    batch_ = {};
    if (!spare_.empty()) {
      batch_ = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  wake_.notify_one();
}

void BackgroundWriter::run() {
  RecordBatch batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (spare_.size() < kMostSpare) spare_.push_back(std::move(batch));
      wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batch = std::move(queue_.front());
      queue_.pop_front();
    }
    if (!failed_) {
      const auto written = writer_.append(batch.bytes());
      if (!written) {
        result_ = written;
        failed_ = true;
      }
      written_ = writer_.bytes();
      records_ = writer_.records();
    }
    queued_ -= batch.bytes().size();
    batch.clear();
  }
}

Result<> BackgroundWriter::finish() {
  hand_over();
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  const auto closed = writer_.close();
  written_ = writer_.bytes();
  return result_ ? closed : result_;
}

}  // namespace tcpwatch
