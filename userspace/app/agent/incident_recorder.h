// SPDX-License-Identifier: Apache-2.0
//
// The flight recorder of the agent: what came before is always in memory, a trigger writes it into
// a file of the capture directory, and recording goes on for a while. At most one file in a time;
// old ones go by number, size and age. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/agent/settings.h"
#include "capture/flight_recorder.h"
#include "events/record.h"

namespace tcpwatch {

class IncidentRecorder : public RecordSink {
 public:
  IncidentRecorder(RecordSink& next, const Settings& settings, std::uint32_t detail);

  void on_record(const Record& record) override {
    recorder_.on_record(record);
    next_.on_record(record);
  }

  // Why a file was begun, or was not, in one line for the log. `asked`: by a person, who need not
  // wait for the gap.
  std::string write(const std::string& why, std::uint64_t now_ns, bool asked);
  // Once for a capture that began well and could not go on: the disk is full by now.
  std::optional<Error> trouble();
  Result<> finish() { return recorder_.finish(); }
  void set(const Settings& settings);  // after a reload

  std::uint64_t written() const { return written_; }
  std::uint64_t held_back() const { return held_back_; }
  std::uint64_t failed() const { return failed_; }
  std::size_t bytes() const { return recorder_.bytes(); }
  std::uint64_t last_realtime_ns() const { return last_realtime_ns_; }  // 0: none was written

 private:
  RecordSink& next_;
  FlightRecorder recorder_;
  std::string directory_;
  std::uint64_t gap_ns_ = 0;
  std::uint64_t most_files_ = 0;
  std::uint64_t most_bytes_ = 0;
  std::uint64_t most_age_ns_ = 0;
  std::uint64_t last_ns_ = 0;
  std::uint64_t last_realtime_ns_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t held_back_ = 0;
  std::uint64_t failed_ = 0;
  bool told_ = true;  // of the capture under way, that it cannot go on
};

// Removes captures of tcpwatch from a directory until these limits hold, oldest first; other files
// are left alone. How many went.
struct CaptureLimits {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t age_ns = 0;
};
std::size_t remove_old_captures(const std::string& directory, const CaptureLimits& limits,
                                std::uint64_t realtime_ns);

}  // namespace tcpwatch
