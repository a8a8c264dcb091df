// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request to somebody else (cpp-httplib): status pages, collectors. Blocks for at most the
// time that is given; the answer's size is bounded.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tcpwatch {

struct HttpUrl {
  std::string origin;  // "http://127.0.0.1:4318"
  std::string path;    // "/v1/metrics"
};
Result<HttpUrl> parse_http_url(const std::string& url);

struct HttpAnswer {
  int status = 0;
  std::string body;
  double retry_after = 0;  // seconds, if the server said so
};
Result<HttpAnswer> http_get(const HttpUrl& url, double timeout);
Result<HttpAnswer> http_post_json(const HttpUrl& url, const std::string& body, double timeout);

}  // namespace tcpwatch
