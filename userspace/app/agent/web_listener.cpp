// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "app/agent/web_server.h"
#include "base/address.h"

namespace tcpwatch {
namespace {

constexpr int kBacklog = 128;

Error failed(const std::string& address, int error) {
  const char* hint = "";
  if (error == EADDRINUSE)
    hint = "is another agent running? --web.listen-address chooses another address";
  if (error == EACCES) hint = "ports below 1024 need CAP_NET_BIND_SERVICE";
  return {ErrorKind::kInputOutput,
          fmt::format("cannot listen on {}: {}", address, std::strerror(error)), hint};
}

// A socket file that nobody listens on was left behind by a kill: it may go. One that answers may
// not, nor what is no socket.
bool is_stale(const sockaddr_un& address) {
  struct stat about{};
  if (::lstat(address.sun_path, &about) != 0 || !S_ISSOCK(about.st_mode)) return false;
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

Result<WebListener> listen_on_path(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{ErrorKind::kUsage, "web.listen-address: a path of 1 to 107 bytes after unix:", ""};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (is_stale(address)) ::unlink(path.c_str());
  WebListener listener{UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                       "unix:" + path, path};
  // Who may connect is said by the folder; the socket itself is for its owner and group.
  const mode_t before = ::umask(0117);
  const bool bound = ::bind(listener.socket.get(), reinterpret_cast<const sockaddr*>(&address),
                            sizeof address) == 0;
  const int error = errno;
  ::umask(before);
  if (!bound) return failed(listener.shown, error);
  if (::listen(listener.socket.get(), kBacklog) != 0) return failed(listener.shown, errno);
  return listener;
}

struct Bound {
  sockaddr_storage address{};
  socklen_t size = 0;
};

Bound as_sockaddr(const tw_endpoint& endpoint) {
  Bound bound;
  if (is_ipv4(endpoint)) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address + 12, 4);
    std::memcpy(&bound.address, &v4, bound.size = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address, 16);
    std::memcpy(&bound.address, &v6, bound.size = sizeof v6);
  }
  return bound;
}

std::uint16_t port_of(int socket) {
  sockaddr_in6 name{};
  socklen_t size = sizeof name;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin6_port);  // at the same place in sockaddr_in
}

}  // namespace

Result<WebListener> listen_for_web(const std::string& address) {
  if (address.starts_with("unix:")) return listen_on_path(address.substr(5));
  const bool anywhere = address.starts_with(':');
  auto endpoint = parse_endpoint(anywhere ? "[::]" + address : address);
  if (!endpoint)
    return Error{ErrorKind::kUsage, "web.listen-address: " + endpoint.error().message,
                 "for example 127.0.0.1:9717, :9717 or unix:/run/tcpwatch/agent.sock"};
  const Bound bound = as_sockaddr(*endpoint);
  WebListener listener{
      UniqueFd(::socket(bound.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      address, ""};
  const int on = 1;
  ::setsockopt(listener.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.socket.get(), reinterpret_cast<const sockaddr*>(&bound.address),
             bound.size) != 0 ||
      ::listen(listener.socket.get(), kBacklog) != 0)
    return failed(address, errno);
  endpoint->port = port_of(listener.socket.get());
  listener.shown = format_endpoint(*endpoint);
  return listener;
}

}  // namespace tcpwatch
