// SPDX-License-Identifier: Apache-2.0
//
// Pushes metrics to a collector, in a thread of its own: the newest figures at every interval. What
// the collector does not take is tried again with growing pauses; pushes that became due meanwhile
// are dropped and counted, since counters are cumulative: the next push tells all. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "app/agent/http_call.h"

namespace tcpwatch {

class OtlpPush {
 public:
  // `payload` is asked in the thread; empty: there is nothing yet.
  OtlpPush(HttpUrl url, double interval, std::function<std::string()> payload);
  ~OtlpPush();

  struct Counts {
    std::uint64_t pushed = 0;
    std::uint64_t failed = 0;   // attempts
    std::uint64_t dropped = 0;  // pushes that were due while an earlier one was not taken

    Counts operator+(const Counts& other) const {
      return {pushed + other.pushed, failed + other.failed, dropped + other.dropped};
    }
  };
  Counts counts() const;
  std::string last_error();  // and forgets it

 private:
  void run();
  bool sleep(double seconds);  // false: it is time to end

  HttpUrl url_;
  double interval_;
  HttpCaller caller_;
  std::function<std::string()> payload_;
  std::atomic<std::uint64_t> pushed_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string error_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tcpwatch
