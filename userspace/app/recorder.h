// SPDX-License-Identifier: Apache-2.0
//
// What `record` puts between the source and the file: the user's filters, the thread that writes,
// and the figures of the progress line. Counters are never filtered: they are small, and the model
// needs all of them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "capture/background_writer.h"
#include "views/trace.h"

namespace tcpwatch {

// Names of the parts of a recording; old ones go when there are too many.
class PartNames {
 public:
  // `path` as the user gave it; numbered: NAME-0001.tcpw and so on. `most` files are kept, 0: all.
  PartNames(std::string path, bool numbered, std::uint32_t most)
      : path_(std::move(path)), numbered_(numbered), most_(most) {}

  std::string name(std::uint32_t part);
  // Those that are kept: the name, or "NAME-0001.tcpw to NAME-0003.tcpw".
  std::string kept() const;

 private:
  std::string path_;
  bool numbered_;
  std::uint32_t most_;
  std::deque<std::string> kept_;
};

class Recorder : public RecordSink {
 public:
  Recorder(const Recording& recording, const WriterLimits& limits, PartNames names,
           TraceFilter filter);

  // The first file, and the thread.
  Result<> open();
  void on_record(const Record& record) override;
  void hand_over() { background_->hand_over(); }
  Result<> finish();
  // Takes the file back that was opened for nothing.
  void discard();

  bool failed() const { return background_->failed(); }
  std::string summary() const;                         // "12s  1.2M records  3.4MiB  0 lost"
  std::string files() const { return names_.kept(); }  // once finished

 private:
  PartNames names_;
  TraceFilter filter_;
  CaptureWriter writer_;
  std::unique_ptr<BackgroundWriter> background_;
  std::uint64_t begin_ = 0;
  std::uint64_t now_ = 0;
  std::uint64_t kernel_lost_ = 0;
};

// Of this machine, for files of this boot to be known as such.
Recording new_recording(std::uint32_t detail);
// "tcpwatch-HOST-20251121T014512Z.tcpw"
std::string default_capture_name();

}  // namespace tcpwatch
