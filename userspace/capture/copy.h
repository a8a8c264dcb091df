// SPDX-License-Identifier: Apache-2.0
//
// Captures made of captures: joined, cut to a window. Records are copied as they are, those of
// unknown kinds as well; the new file begins with a state where the window does not begin with the
// recording. Pure but for the files.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "capture/capture_set.h"
#include "capture/replay.h"

namespace tcpwatch {

struct CopyCount {
  std::uint64_t records = 0;
  std::array<std::uint64_t, TW_KIND_LIMIT + 1> kinds{};  // the last one: kinds from there on
};

// What a file holds, without its states.
CopyCount count_records(FileReader& file);

Result<CopyCount> copy_capture(CaptureSet& captures, const Window& window, const std::string& path);

}  // namespace tcpwatch
