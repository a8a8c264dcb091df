// SPDX-License-Identifier: Apache-2.0
//
// Captures as a record source: the very stream that was recorded, or a window of it. A window
// begins at the last state before it, so that only its own part of a file is read; what the state
// and the records up to the window tell goes to the sink as well (the model has to know), but
// stories before the window do not, and ticks before it end no advance(). One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <vector>

#include "capture/capture_set.h"
#include "events/record.h"

namespace tcpwatch {

struct Window {
  std::uint64_t from = 0;  // records' time, CLOCK_MONOTONIC ns
  std::uint64_t to = ~std::uint64_t{0};
};

struct ReplayCount {
  std::uint64_t records = 0;
  // What this version does not know or believe, by kind; the last one: kinds from there on.
  std::array<std::uint64_t, TW_KIND_LIMIT + 1> skipped{};
  std::uint64_t all_skipped() const;
};

class Replay : public RecordSource {
 public:
  // The set outlives the replay. Kinds that are not wanted are not even unpacked.
  Replay(CaptureSet& captures, const Window& window, Kinds wanted = Kinds::all());

  // Up to and including the next tick within the window. False: there was none any more; records
  // after the last tick have been handed on.
  Result<bool> advance(RecordSink& sink) override;

  // Called for records within the window of which this version knows nothing.
  void pass_unknown(std::function<void(std::span<const std::byte>)> to) {
    unknown_ = std::move(to);
  }

  const ReplayCount& count() const { return count_; }

 private:
  enum class Use {
    kRecords,
    kBase,    // a state that the stream begins with
    kRepair,  // a state that is read only if a block before it was lost
  };
  // One block to read, in the order of the stream.
  struct Part {
    std::size_t file = 0;
    IndexEntry entry;
    Use use = Use::kRecords;
    bool new_session = false;  // before it: the kernel's counters began anew
  };

  void plan_file(std::size_t number, bool continues);
  void cut_to_window();
  bool load(RecordSink& sink);
  void begin_session(const Part& part, RecordSink& sink);
  void tick(std::uint64_t time, RecordSink& sink);
  bool take(std::span<const std::byte> bytes, RecordSink& sink);
  bool hand_on(const Record& record, const tw_header& header, RecordSink& sink);
  void note_slot(const Record& record);

  CaptureSet& captures_;
  Window window_;
  Kinds wanted_;
  std::vector<Part> parts_;
  std::size_t next_ = 0;
  RecordBatch batch_;
  std::size_t at_ = 0;  // bytes of the batch that were handed on
  Use use_ = Use::kRecords;
  bool lost_ = false;        // a block, since the last state
  std::uint64_t floor_ = 0;  // what an earlier session has told already
  std::uint64_t time_ = 0;   // the latest that was handed on
  bool several_ = false;     // sessions: what one leaves behind has to go before the next
  std::set<std::uint32_t> flows_;
  std::set<std::uint32_t> listeners_;
  ReplayCount count_;
  std::function<void(std::span<const std::byte>)> unknown_;
};

// All of a window, for whoever asks no more than that.
Result<ReplayCount> replay(CaptureSet& captures, const Window& window, RecordSink& sink,
                           Kinds wanted = Kinds::all());

}  // namespace tcpwatch
