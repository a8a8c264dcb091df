// SPDX-License-Identifier: Apache-2.0
#include "kernel/story_ring.h"

#include <bpf/libbpf.h>

namespace tcpwatch {

StoryRing::StoryRing(int map_fd) : ring_(ring_buffer__new(map_fd, on_story, this, nullptr)) {}
StoryRing::~StoryRing() { ring_buffer__free(ring_); }

int StoryRing::wake_fd() const { return ring_buffer__epoll_fd(ring_); }

int StoryRing::drain(RecordSink& sink) {
  sink_ = &sink;
  const int stories = ring_buffer__consume(ring_);
  sink_ = nullptr;
  return stories;
}

int StoryRing::on_story(void* context, void* data, std::size_t size) {
  auto& self = *static_cast<StoryRing*>(context);
  const auto record = decode({static_cast<const std::byte*>(data), size});
  if (record)
    self.sink_->on_record(*record);
  else
    ++self.refused_;
  return 0;
}

}  // namespace tcpwatch
