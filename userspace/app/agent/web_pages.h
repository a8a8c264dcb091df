// SPDX-License-Identifier: Apache-2.0
//
// From the text of a request to the text of the response: cpp-httplib parses and answers in memory,
// no socket is near. Everything is read-only: whatever is asked, nothing here runs or writes. One
// thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tcpwatch {

struct WebAnswer {
  int status = 200;
  std::string type;
  std::string body;
};

// What is served. All are asked in the web server's thread.
struct WebSource {
  std::function<std::string(bool openmetrics)> metrics;
  std::function<std::string()> view;
  std::function<std::string()> findings;
  std::function<bool()> alive;  // the source of snapshots has not stalled
  std::function<bool()> ready;  // there has been one
};

class WebPages {
 public:
  // `credentials`: "user:password", empty: nobody is asked.
  WebPages(WebSource source, std::string credentials);
  WebPages(WebPages&&) noexcept;
  ~WebPages();

  // `closes`: no further request is to be read from this connection.
  std::string answer(std::string_view request, bool last, bool& closes);

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

// Prometheus asks for OpenMetrics by the Accept header.
bool wants_openmetrics(std::string_view accept);

}  // namespace tcpwatch
