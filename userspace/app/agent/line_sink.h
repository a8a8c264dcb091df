// SPDX-License-Identifier: Apache-2.0
//
// JSON Lines for a log shipper: on standard output, or on a Unix socket that it listens on. Never
// blocks: what is not taken waits in bounded memory, what finds no room is dropped, a whole line at
// a time, and counted. A socket that went away is tried again. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tcpwatch {

class LineSink {
 public:
  // "-" or "unix:PATH".
  static Result<LineSink> open(const std::string& where);

  void write(std::string_view line);  // without its newline
  void flush(std::uint64_t now_ns);   // after each interval

  std::uint64_t written() const { return written_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  explicit LineSink(std::string path) : path_(std::move(path)) {}
  void connect(std::uint64_t now_ns);

  std::string path_;  // of the socket; empty: standard output
  UniqueFd socket_;
  std::string waiting_;
  bool broken_ = false;  // the head of `waiting_` is the rest of a line that went half
  std::uint64_t next_try_ns_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace tcpwatch
