// SPDX-License-Identifier: Apache-2.0
#include "app/agent/web_pages.h"

#include <httplib.h>

#include <algorithm>
#include <cstring>

namespace tcpwatch {
namespace {

constexpr std::string_view kFrontPage = R"(<!doctype html>
<html lang="en"><meta charset="utf-8"><title>tcpwatch</title>
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;margin:3em auto;max-width:34em;padding:0 1em}
@media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e6e6}a{color:#8ab4f8}}</style>
<h1>tcpwatch agent</h1>
<p>TCP connection health of this machine, from the kernel.</p>
<ul><li><a href="/metrics">/metrics</a>: for Prometheus
<li><a href="/api/v1/findings">/api/v1/findings</a>: what is wrong now, and the next step
<li><a href="/api/v1/view">/api/v1/view</a>: workers, listeners, destinations of the last interval
<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a></ul></html>
)";

// A request that is there already, and the response as it grows.
class MemoryStream : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view request) : request_(request) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* room, std::size_t size) override {
    const std::size_t taken = std::min(size, request_.size());
    std::memcpy(room, request_.data(), taken);
    request_.remove_prefix(taken);
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    response_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return -1; }

  std::string take() { return std::move(response_); }

 private:
  std::string_view request_;
  std::string response_;
};

// Takes as long for a wrong password as for the right one.
bool same_text(std::string_view a, std::string_view b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i] ^ (b.empty() ? 0 : b[i % b.size()]));
  return difference == 0;
}

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kJson = "application/json";

}  // namespace

bool wants_openmetrics(std::string_view accept) {
  return accept.find("application/openmetrics-text") != std::string_view::npos;
}

struct WebPages::Server : httplib::Server {
  WebSource source;
  std::string authorization;  // the header's whole value; empty: nobody is asked

  void serve(const httplib::Request& request, httplib::Response& response) const {
    const auto give = [&](int status, const char* type, std::string body) {
      response.status = status;
      response.body = std::move(body);
      response.set_header("Content-Type", type);
    };
    const std::string& path = request.path;
    if (path == "/healthz")
      return source.alive() ? give(200, kText, "ok\n") : give(503, kText, "stalled\n");
    if (path == "/readyz")
      return source.ready() ? give(200, kText, "ready\n") : give(503, kText, "starting\n");
    if (!authorization.empty() &&
        !same_text(request.get_header_value("Authorization"), authorization)) {
      response.set_header("WWW-Authenticate", "Basic realm=\"tcpwatch\"");
      return give(401, kText, "authorization needed\n");
    }
    if (request.method != "GET" && request.method != "HEAD") {
      response.set_header("Allow", "GET, HEAD");
      return give(405, kText, "read only\n");
    }
    if (path == "/") return give(200, "text/html; charset=utf-8", std::string(kFrontPage));
    if (path == "/metrics") {
      const bool openmetrics = wants_openmetrics(request.get_header_value("Accept"));
      return give(200,
                  openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                              : "text/plain; version=0.0.4; charset=utf-8",
                  source.metrics(openmetrics));
    }
    if (path == "/api/v1/view") return give(200, kJson, source.view());
    if (path == "/api/v1/findings") return give(200, kJson, source.findings());
    give(404, kText, "not here: / lists what is\n");
  }

  std::string answer(std::string_view text, bool last, bool& closes) {
    MemoryStream stream(text);
    closes = last;
    const bool answered = process_request(stream, last, closes, [&](httplib::Request& request) {
      // No part of a page is served: many overlapping ranges would make much of little.
      request.ranges.clear();
      // A body is not read, so what follows is not the next request.
      if (request.has_header("Content-Length") || request.has_header("Transfer-Encoding"))
        closes = true;
    });
    std::string response = stream.take();
    const bool served = response.starts_with("HTTP/1.1 2") || response.starts_with("HTTP/1.1 5");
    closes = closes || !answered || !served;
    return response;
  }
};

WebPages::WebPages(WebSource source, std::string credentials)
    : server_(std::make_unique<Server>()) {
  server_->source = std::move(source);
  if (!credentials.empty())
    server_->authorization = "Basic " + httplib::detail::base64_encode(credentials);
  server_->set_payload_max_length(0);
  server_->set_default_headers(
      {{"X-Content-Type-Options", "nosniff"},
       {"Cache-Control", "no-store"},
       {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"}});
  server_->set_exception_handler([](const httplib::Request&, httplib::Response& response,
                                    std::exception_ptr) { response.status = 500; });
  // Before any routing, which matches patterns: there is nothing to match.
  server_->set_pre_routing_handler(
      [server = server_.get()](const httplib::Request& request, httplib::Response& response) {
        server->serve(request, response);
        return httplib::Server::HandlerResponse::Handled;
      });
}

WebPages::WebPages(WebPages&&) noexcept = default;
WebPages::~WebPages() = default;

std::string WebPages::answer(std::string_view request, bool last, bool& closes) {
  return server_->answer(request, last, closes);
}

}  // namespace tcpwatch
