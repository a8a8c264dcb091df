// SPDX-License-Identifier: Apache-2.0
//
// JSON Lines for a log shipper: on standard output, or on a Unix socket that it listens on. Written
// by a thread of its own, as fast as they are taken; what is not taken waits in bounded memory,
// what finds no room is dropped, a whole line at a time, and counted. A socket that went away is
// tried again. write() never blocks; at the end what waits has a second to go. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tcpwatch {

class LineSink {
 public:
  // "-" or "unix:PATH".
  static Result<std::unique_ptr<LineSink>> open(const std::string& where);
  explicit LineSink(std::string path);  // of the socket; empty: standard output
  LineSink(const LineSink&) = delete;
  LineSink& operator=(const LineSink&) = delete;
  ~LineSink();

  void write(std::string_view line);  // without its newline

  std::uint64_t written() const { return written_; }  // as a whole
  std::uint64_t dropped() const { return dropped_; }

 private:
  void run();
  bool pause();  // false: it is time to end
  void send_all();
  bool connect();
  bool send_some(int fd);

  std::string path_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string waiting_;
  bool ending_ = false;
  std::atomic<std::uint64_t> ends_ns_ = ~std::uint64_t{0};
  std::atomic<std::size_t> bytes_ = 0;  // of all that waits
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
  // Of the thread alone:
  UniqueFd socket_;
  std::string going_;
  std::size_t gone_ = 0;  // of `going_`
  std::thread thread_;
};

}  // namespace tcpwatch
