// SPDX-License-Identifier: Apache-2.0
#include "capture/replay.h"

#include <algorithm>
#include <numeric>

#include "events/decode.h"
#include "events/make.h"

namespace tcpwatch {
namespace {

bool is_state(const IndexEntry& entry) { return entry.block.type == BlockType::kState; }

// The second file goes on where the first one ended, without a gap.
bool continues_after(const FileReader& before, const FileReader& file) {
  return before.closed() && before.header().session == file.header().session &&
         before.header().part + 1 == file.header().part && file.header().part != 0;
}

bool same_session(const FileReader& a, const FileReader& b) {
  return a.header().session == b.header().session;
}

}  // namespace

std::uint64_t ReplayCount::all_skipped() const {
  return std::accumulate(skipped.begin(), skipped.end(), std::uint64_t{0});
}

Replay::Replay(CaptureSet& captures, const Window& window, Kinds wanted)
    : captures_(captures), window_(window), wanted_(wanted) {
  const auto& files = captures_.files();
  for (std::size_t number = 0; number < files.size(); ++number)
    plan_file(number, number > 0 && continues_after(files[number - 1], files[number]));
  cut_to_window();
  several_ = std::ranges::any_of(parts_, &Part::new_session);
}

void Replay::plan_file(std::size_t number, bool continues) {
  const auto& files = captures_.files();
  bool first = true;
  bool base = !continues;
  for (const IndexEntry& entry : files[number].blocks()) {
    base = base && is_state(entry);
    const Use use = !is_state(entry) ? Use::kRecords : base ? Use::kBase : Use::kRepair;
    const bool other = first && number > 0 && !same_session(files[number - 1], files[number]);
    parts_.push_back({number, entry, use, other});
    first = false;
  }
}

// From the last state before the window (a state ends with its tick, so its time is known; stories
// behind it may be older) to the last block that begins in it.
void Replay::cut_to_window() {
  std::size_t begin = 0;
  std::size_t group = 0;  // where the state at hand begins, in as many blocks as it has
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const BlockHeader& block = parts_[i].entry.block;
    if (!is_state(parts_[i].entry)) {
      // A session's counters begin at zero: that is a base as well.
      if (parts_[i].new_session && block.first_time < window_.from) begin = i;
      continue;
    }
    if (i == 0 || !is_state(parts_[i - 1].entry) || parts_[i].new_session) group = i;
    const bool ends = i + 1 == parts_.size() || !is_state(parts_[i + 1].entry);
    if (ends && block.last_time < window_.from) begin = group;
  }
  for (std::size_t i = begin; begin != 0 && i < parts_.size() && is_state(parts_[i].entry); ++i)
    parts_[i].use = Use::kBase;
  parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(begin));
  if (!parts_.empty()) parts_.front().new_session = false;
  std::erase_if(parts_, [this](const Part& part) {
    return !is_state(part.entry) && part.entry.block.first_time > window_.to;
  });
}

void Replay::tick(std::uint64_t time, RecordSink& sink) {
  const auto made = new_record<tw_tick>(time);
  sink.on_record(&made);
}

// What the session before has left behind is gone; its last interval does not reach until here.
void Replay::begin_session(const Part& part, RecordSink& sink) {
  floor_ = time_;
  const std::uint64_t now = std::max(time_, part.entry.block.first_time);
  for (const std::uint32_t slot : flows_) {
    const tw_gone gone = new_gone(now, TW_KIND_FLOW_GONE, slot);
    sink.on_record(&gone);
  }
  for (const std::uint32_t slot : listeners_) {
    const tw_gone gone = new_gone(now, TW_KIND_LISTENER_GONE, slot);
    sink.on_record(&gone);
  }
  flows_.clear();
  listeners_.clear();
  if (part.use == Use::kRecords) tick(now, sink);
}

// The next block into the batch. False: there is none.
bool Replay::load(RecordSink& sink) {
  batch_.clear();
  at_ = 0;
  if (next_ == parts_.size()) return false;
  const Part& part = parts_[next_++];
  if (part.new_session) begin_session(part, sink);
  use_ = part.use;
  if (part.use == Use::kRepair && !lost_) return true;
  const bool read = captures_.files()[part.file].read(part.entry, wanted_, batch_);
  if (!read) lost_ = true;
  if (part.use == Use::kRepair && read) lost_ = false;
  return true;
}

void Replay::note_slot(const Record& record) {
  if (const auto* const* flow = std::get_if<const tw_flow_record*>(&record)) {
    flows_.insert((*flow)->slot);
  } else if (const auto* const* row = std::get_if<const tw_listener_record*>(&record)) {
    listeners_.insert((*row)->slot);
  } else if (const auto* const* gone = std::get_if<const tw_gone*>(&record)) {
    ((*gone)->header.kind == TW_KIND_FLOW_GONE ? flows_ : listeners_).erase((*gone)->slot);
  }
}

// True: it was a tick within the window.
bool Replay::hand_on(const Record& record, const tw_header& header, RecordSink& sink) {
  if (use_ == Use::kRecords) {
    if (header.time < floor_) return false;
    const bool story = header.kind < TW_KIND_HOST;
    if (story && (header.time < window_.from || header.time > window_.to)) return false;
    time_ = std::max<std::uint64_t>(time_, header.time);
  } else if (use_ == Use::kRepair && header.kind == TW_KIND_TICK) {
    return false;
  }
  if (several_) note_slot(record);
  ++count_.records;
  sink.on_record(record);
  return header.kind == TW_KIND_TICK && use_ == Use::kRecords && header.time >= window_.from;
}

// One record of the batch that nobody may believe yet. True: it was a tick within the window.
bool Replay::take(std::span<const std::byte> bytes, RecordSink& sink) {
  const auto& header = *reinterpret_cast<const tw_header*>(bytes.data());
  const auto record = decode(bytes);
  if (record) return hand_on(*record, header, sink);
  ++count_.skipped[std::min<std::size_t>(header.kind, TW_KIND_LIMIT)];
  const bool within = header.time >= window_.from && header.time <= window_.to;
  if (unknown_ && within && use_ == Use::kRecords) unknown_(bytes);
  return false;
}

Result<bool> Replay::advance(RecordSink& sink) {
  for (;;) {
    while (const std::size_t size = record_size(batch_.bytes().subspan(at_))) {
      const auto bytes = batch_.bytes().subspan(at_, size);
      const auto& header = *reinterpret_cast<const tw_header*>(bytes.data());
      at_ += size;
      if (header.kind == TW_KIND_TICK && use_ == Use::kRecords && header.time > window_.to) {
        next_ = parts_.size();
        batch_.clear();
        at_ = 0;
        return false;
      }
      if (take(bytes, sink)) return true;
    }
    if (!load(sink)) return false;
  }
}

Result<ReplayCount> replay(CaptureSet& captures, const Window& window, RecordSink& sink,
                           Kinds wanted) {
  Replay source(captures, window, wanted);
  for (;;) {
    const auto more = source.advance(sink);
    if (!more) return more.error();
    if (!*more) return source.count();
  }
}

}  // namespace tcpwatch
