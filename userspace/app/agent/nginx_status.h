// SPDX-License-Identifier: Apache-2.0
//
// nginx's stub_status pages, read at every interval in a thread of their own: a slow or wrong page
// costs a warning and a metric, never an interval. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/agent/http_call.h"
#include "app/agent/settings.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

// What a page says; nothing where it is no stub_status page. `now_ns` is the record's time.
std::optional<tw_nginx> parse_stub_status(std::string_view page, std::uint64_t now_ns);

class NginxStatus {
 public:
  NginxStatus(const std::vector<NginxSettings>& pages, double interval);
  ~NginxStatus();  // a read that is under way is given up

  // What was read since the last call, one record for each page that answered.
  std::vector<tw_nginx> take();

  struct Page {
    std::string url;
    std::uint64_t reads = 0;
    std::uint64_t failures = 0;
    std::string error;  // of the last read; empty: it was fine
  };
  std::vector<Page> pages();

 private:
  struct Source {
    Page page;
    HttpUrl url;
    tw_endpoint server{};
    double timeout = 0;
  };
  void run();
  void read(std::size_t number);

  double interval_;
  HttpCaller caller_;
  std::vector<Source> sources_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<tw_nginx> fresh_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tcpwatch
