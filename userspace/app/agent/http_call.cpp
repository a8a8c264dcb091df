// SPDX-License-Identifier: Apache-2.0
#include "app/agent/http_call.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "host/proc_file.h"

namespace tcpwatch {
namespace {

using Clock = std::chrono::steady_clock;
using OnStream = std::function<bool(httplib::Stream&)>;

constexpr std::size_t kMostBytes = 65536;
constexpr std::size_t kLongestUrl = 2048;

struct Bounds {
  Clock::time_point end;
  const std::atomic<bool>& cancelled;
  std::size_t left = kMostBytes;  // to read

  bool late() const { return Clock::now() >= end; }
  std::chrono::milliseconds remaining() const {
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    return std::max(time, std::chrono::milliseconds(1));
  }
};

// httplib's own time-outs begin anew with each byte, and what it reads of a head has no bound.
class BoundedStream : public httplib::Stream {
 public:
  BoundedStream(httplib::Stream& inner, Bounds& bounds) : inner_(inner), bounds_(bounds) {}

  bool is_readable() const override { return inner_.is_readable(); }
  bool is_writable() const override { return inner_.is_writable(); }
  ssize_t read(char* room, std::size_t size) override {
    if (bounds_.late() || bounds_.cancelled || bounds_.left == 0) return -1;
    const ssize_t got = inner_.read(room, std::min(size, bounds_.left));
    if (got > 0) bounds_.left -= static_cast<std::size_t>(got);
    return got;
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    return bounds_.late() || bounds_.cancelled ? -1 : inner_.write(bytes, size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    inner_.get_remote_ip_and_port(ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    inner_.get_local_ip_and_port(ip, port);
  }
  socket_t socket() const override { return inner_.socket(); }

 private:
  httplib::Stream& inner_;
  Bounds& bounds_;
};

OnStream bounded(const OnStream& callback, Bounds& bounds) {
  return [&](httplib::Stream& stream) {
    BoundedStream one(stream, bounds);
    return callback(one);
  };
}

class PlainClient : public httplib::ClientImpl {
 public:
  PlainClient(const HttpUrl& url, Bounds& bounds)
      : ClientImpl(url.host, url.port), bounds_(bounds) {}

 private:
  bool process_socket(const Socket& socket, OnStream callback) override {
    return httplib::detail::process_client_socket(socket.sock, read_timeout_sec_,
                                                  read_timeout_usec_, write_timeout_sec_,
                                                  write_timeout_usec_, bounded(callback, bounds_));
  }
  Bounds& bounds_;
};

class TlsClient : public httplib::SSLClient {
 public:
  TlsClient(const HttpUrl& url, Bounds& bounds) : SSLClient(url.host, url.port), bounds_(bounds) {}

 private:
  bool process_socket(const Socket& socket, OnStream callback) override {
    return httplib::detail::process_client_socket_ssl(
        socket.ssl, socket.sock, read_timeout_sec_, read_timeout_usec_, write_timeout_sec_,
        write_timeout_usec_, bounded(callback, bounds_));
  }
  Bounds& bounds_;
};

std::unique_ptr<httplib::ClientImpl> client_for(const HttpUrl& url, Bounds& bounds) {
  if (url.tls) return std::make_unique<TlsClient>(url, bounds);
  return std::make_unique<PlainClient>(url, bounds);
}

bool is_unreachable(httplib::Error error) {
  return error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout;
}

Error no_url(const std::string& url) {
  return {ErrorKind::kUsage, "no URL: " + url, "for example http://127.0.0.1:4318/v1/metrics"};
}

}  // namespace

Result<HttpUrl> parse_http_url(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || url.size() > kLongestUrl || url.find_first_of(" \r\n\t@") != std::string::npos)
    return no_url(url.substr(0, kLongestUrl));
  const std::size_t slash = url.find('/', scheme + 3);
  HttpUrl parsed;
  parsed.origin = url.substr(0, slash);
  parsed.path = slash == std::string::npos ? "/" : url.substr(slash);
  parsed.tls = scheme == 5;
  parsed.port = parsed.tls ? 443 : 80;

  const std::string authority = parsed.origin.substr(scheme + 3);
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string::npos) return no_url(url);
  const std::size_t colon = authority.find(':', bracket);
  parsed.host = bracket != 0 ? authority.substr(1, bracket - 1) : authority.substr(0, colon);
  const std::size_t end = bracket != 0 ? bracket + 1 : parsed.host.size();
  if (end != authority.size()) {
    const auto port = to_number<std::uint16_t>(std::string_view(authority).substr(end + 1));
    if (colon != end || port.value_or(0) == 0) return no_url(url);
    parsed.port = *port;
  }
  return parsed.host.empty() ? Result<HttpUrl>(no_url(url)) : Result<HttpUrl>(std::move(parsed));
}

void HttpCaller::cancel() {
  cancelled_ = true;
  names_.cancel();
  const std::lock_guard lock(mutex_);
  if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

void HttpCaller::use(int socket) {
  const std::lock_guard lock(mutex_);
  socket_.reset(socket < 0 ? -1 : ::fcntl(socket, F_DUPFD_CLOEXEC, 0));
}

Result<HttpAnswer> HttpCaller::call(const HttpUrl& url, double timeout, const std::string* body) {
  const auto time = std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000));
  Bounds bounds{.end = Clock::now() + time, .cancelled = cancelled_};
  const auto failed = [&](std::string_view why) {
    return Error{ErrorKind::kInputOutput, fmt::format("{}{}: {}", url.origin, url.path, why), ""};
  };
  if (cancelled_) return failed("cancelled");
  const auto addresses = names_.addresses_of(url.host, bounds.end);
  if (!addresses) return failed(addresses.error().message);
  const auto client = client_for(url, bounds);
  client->set_read_timeout(time);
  client->set_write_timeout(time);
  client->set_keep_alive(false);
  client->set_socket_options([this](int socket) { use(socket); });
  httplib::Result result(nullptr, httplib::Error::Unknown);
  for (std::size_t left = addresses->size(); left > 0; --left) {
    // One that does not answer leaves the others their part of the time.
    client->set_connection_timeout(bounds.remaining() / left);
    client->set_hostname_addr_map({{url.host, addresses->at(addresses->size() - left)}});
    result = body ? client->Post(url.path, *body, "application/json") : client->Get(url.path);
    use(-1);
    if (!is_unreachable(result.error()) || bounds.late() || cancelled_) break;
  }
  if (bounds.left == 0) return failed("the answer is larger than 64 KiB");
  if (!result && bounds.late()) return failed(fmt::format("no whole answer in {} s", timeout));
  if (!result) return failed(httplib::to_string(result.error()));
  const auto retry = to_number(result->get_header_value("Retry-After"));
  return HttpAnswer{result->status, result->body, static_cast<double>(retry.value_or(0))};
}

}  // namespace tcpwatch
