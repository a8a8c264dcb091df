// SPDX-License-Identifier: Apache-2.0
//
// The flight recorder as `top` has it: stands between the source and the model, and writes its last
// two minutes when the user (key w) or SIGUSR1 asks. One thread.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "capture/flight_recorder.h"

namespace tcpwatch {

class Flight : public RecordSink {
 public:
  Flight(RecordSink& next, std::uint32_t detail);

  void on_record(const Record& record) override {
    recorder_.on_record(record);
    next_.on_record(record);
  }
  // What came of it, in one line.
  std::string dump();
  // At the end: what a dump under way has seen is kept.
  Result<> finish() { return recorder_.finish(); }

 private:
  RecordSink& next_;
  FlightRecorder recorder_;
  std::string path_;
};

// SIGUSR1 as a readable descriptor; call before threads are made.
Result<UniqueFd> take_dump_signal();

}  // namespace tcpwatch
