// SPDX-License-Identifier: Apache-2.0
//
// Capture files that belong together: of one boot of one host, so that one monotonic clock holds
// for all, in the order of their time. What a user names may be several such sets. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/file_reader.h"

namespace tcpwatch {

class CaptureSet {
 public:
  // Grouped by host and boot; the groups in the order in which they were named.
  static Result<std::vector<CaptureSet>> open(std::span<const std::string> paths);
  // As one set; files of several hosts or boots are an error.
  static Result<CaptureSet> open_one(std::span<const std::string> paths);

  std::vector<FileReader>& files() { return files_; }
  const std::vector<FileReader>& files() const { return files_; }
  std::string host() const;
  // The first and the last record's time, without what states repeat; 0 where there is none.
  std::uint64_t first_time() const { return first_time_; }
  std::uint64_t last_time() const { return last_time_; }
  // From a record's time to the wall clock of its host: add. As it was when recording began.
  std::uint64_t wall_offset() const { return wall_offset_; }
  Damage damage() const;

 private:
  void settle();

  std::vector<FileReader> files_;
  std::uint64_t first_time_ = 0;
  std::uint64_t last_time_ = 0;
  std::uint64_t wall_offset_ = 0;
};

}  // namespace tcpwatch
