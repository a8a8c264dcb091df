// SPDX-License-Identifier: Apache-2.0
//
// The record stream: how everything reaches the model (live, from a capture, or from a test).
// A Record is a view of one validated ABI structure; it does not own the bytes. Times are
// CLOCK_MONOTONIC nanoseconds of the machine that wrote the record.
#pragma once

#include <cstddef>
#include <span>
#include <variant>

#include "base/result.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

using Record =
    std::variant<const tw_connect*, const tw_closed*, const tw_drops*, const tw_step_record*,
                 const tw_host*, const tw_hook*, const tw_flow_record*, const tw_gone*,
                 const tw_listener_record*, const tw_netns*, const tw_process*, const tw_loss*,
                 const tw_tick*, const tw_self*, const tw_sample*, const tw_sockets*,
                 const tw_close_waits*, const tw_ports*, const tw_inbound*, const tw_conntrack*,
                 const tw_nginx*, const tw_activity*, const tw_steering*>;
// tw_gone serves TW_KIND_FLOW_GONE and TW_KIND_LISTENER_GONE: see its header.kind.

// Checks size, kind and ranges (states, roles, reasons, terminated strings) of the record at the
// start of `bytes`, which must be 8-byte aligned. Unknown kinds and bad content are errors; the
// header's size tells a caller how far to skip.
Result<Record> decode(std::span<const std::byte> bytes);

// Takes records one by one, in the order of the stream.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void on_record(const Record& record) = 0;
};

// Where records come from: live kernel, capture file, a test.
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // Hands on all records up to and including the next tick. False: the source has ended.
  virtual Result<bool> advance(RecordSink& sink) = 0;
};

}  // namespace tcpwatch
