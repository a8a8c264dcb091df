// SPDX-License-Identifier: Apache-2.0
#include "app/agent/http_call.h"

#include <httplib.h>

#include <chrono>

#include "host/proc_file.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostBytes = 65536;

std::unique_ptr<httplib::Client> client_for(const HttpUrl& url, double timeout) {
  auto client = std::make_unique<httplib::Client>(url.origin);
  const auto time = std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000));
  client->set_connection_timeout(time);
  client->set_read_timeout(time);
  client->set_write_timeout(time);
  client->set_keep_alive(false);
  return client;
}

Result<HttpAnswer> outcome(const httplib::Result& result, const HttpUrl& url, std::string body) {
  if (!result)
    return Error{ErrorKind::kInputOutput,
                 url.origin + url.path + ": " + httplib::to_string(result.error()), ""};
  const auto retry = to_number(result->get_header_value("Retry-After"));
  return HttpAnswer{result->status, std::move(body), static_cast<double>(retry.value_or(0))};
}

}  // namespace

Result<HttpUrl> parse_http_url(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  const std::size_t slash = known ? url.find('/', scheme + 3) : std::string::npos;
  HttpUrl parsed{url.substr(0, slash), slash == std::string::npos ? "/" : url.substr(slash)};
  const bool sane = url.find_first_of(" \r\n\t") == std::string::npos;
  if (!known || !sane || parsed.origin.size() <= scheme + 3)
    return Error{ErrorKind::kUsage, "no URL: " + url,
                 "for example http://127.0.0.1:4318/v1/metrics"};
  return parsed;
}

// A drip of bytes would be allowed for ever: reading ends when the time is over.
Result<HttpAnswer> http_get(const HttpUrl& url, double timeout) {
  const auto begin = std::chrono::steady_clock::now();
  std::string body;
  const auto result = client_for(url, timeout)->Get(url.path, [&](const char* data, size_t size) {
    body.append(data, size);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    return body.size() <= kMostBytes && taken.count() <= timeout;
  });
  return outcome(result, url, std::move(body));
}

Result<HttpAnswer> http_post_json(const HttpUrl& url, const std::string& body, double timeout) {
  return outcome(client_for(url, timeout)->Post(url.path, body, "application/json"), url, "");
}

}  // namespace tcpwatch
