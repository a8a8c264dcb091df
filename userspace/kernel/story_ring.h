// SPDX-License-Identifier: Apache-2.0
//
// The reading end of the ring buffer. Stories are checked (decode) before they go on; what does
// not pass is counted, never believed.
#pragma once

#include <cstdint>
#include <memory>

#include "events/record.h"

struct ring_buffer;

namespace tcpwatch {

class StoryRing {
 public:
  explicit StoryRing(int map_fd);
  ~StoryRing();
  StoryRing(const StoryRing&) = delete;
  StoryRing& operator=(const StoryRing&) = delete;

  bool ok() const { return ring_ != nullptr; }
  // Readable when the buffer is more than half full.
  int wake_fd() const;
  // Number of stories handed on.
  int drain(RecordSink& sink);
  std::uint64_t refused() const { return refused_; }

 private:
  static int on_story(void* context, void* data, std::size_t size);

  ring_buffer* ring_ = nullptr;
  RecordSink* sink_ = nullptr;
  std::uint64_t refused_ = 0;
};

}  // namespace tcpwatch
