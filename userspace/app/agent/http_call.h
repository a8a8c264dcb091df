// SPDX-License-Identifier: Apache-2.0
//
// HTTP requests to somebody else (cpp-httplib): status pages, collectors. Each blocks for about the
// time that is given at most, however slowly its name is found and its bytes come; what is read has
// a bound, headers and all. Requests of one thread, that takes no SIGPIPE (a quiet one); cancel()
// of any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "app/agent/name_lookup.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace tcpwatch {

struct HttpUrl {
  std::string origin;  // "http://127.0.0.1:4318"
  std::string path;    // "/v1/metrics"
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
};
Result<HttpUrl> parse_http_url(const std::string& url);

struct HttpAnswer {
  int status = 0;
  std::string body;
  double retry_after = 0;  // seconds, if the server said so
};

class HttpCaller {
 public:
  Result<HttpAnswer> get(const HttpUrl& url, double timeout) { return call(url, timeout, nullptr); }
  Result<HttpAnswer> post_json(const HttpUrl& url, const std::string& body, double timeout) {
    return call(url, timeout, &body);
  }
  // Ends the request under way, and all later ones.
  void cancel();

 private:
  Result<HttpAnswer> call(const HttpUrl& url, double timeout, const std::string* body);
  void use(int socket);

  NameLookup names_;
  std::mutex mutex_;
  UniqueFd socket_;  // of the request under way; a duplicate, that nobody else closes
  std::atomic<bool> cancelled_ = false;
};

}  // namespace tcpwatch
