// SPDX-License-Identifier: Apache-2.0
#include "app/agent/web_server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <numeric>

#include "app/agent/quiet_thread.h"
#include "app/agent/web_connection.h"
#include "base/clock.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kLookAround = 1'000'000'000;  // for those whose time is over

}  // namespace

class WebServer::Loop {
 public:
  explicit Loop(WebServer& server) : server_(server), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    watch(server.stop_.get(), EPOLLIN, EPOLL_CTL_ADD);
    watch(server.listener_.socket.get(), EPOLLIN, EPOLL_CTL_ADD);
  }

  void run() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int ready = ::epoll_wait(epoll_.get(), events.data(), events.size(),
                                     connections_.empty() ? -1 : 1000);
      const std::uint64_t now = monotonic_ns();
      for (int i = 0; i < ready; ++i) {
        if (events[static_cast<std::size_t>(i)].data.fd == server_.stop_.get()) return;
        serve(events[static_cast<std::size_t>(i)].data.fd, now);
      }
      if (now - looked_ >= kLookAround) end_late_ones(now);
    }
  }

 private:
  using Connections = std::map<int, WebConnection>;

  void watch(int fd, std::uint32_t events, int operation) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    ::epoll_ctl(epoll_.get(), operation, fd, &event);
  }

  void serve(int fd, std::uint64_t now) {
    if (fd == server_.listener_.socket.get()) return accept_all(now);
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    go_on(found, now);
  }

  void go_on(Connections::iterator place, std::uint64_t now) {
    const std::uint32_t before = place->second.events();
    if (!place->second.advance(server_.pages_, now, server_.limits_)) {
      connections_.erase(place);
      return;
    }
    if (place->second.events() != before)
      watch(place->first, place->second.events(), EPOLL_CTL_MOD);
    if (unsent() > server_.limits_.unsent_bytes) connections_.erase(place);
  }

  std::size_t unsent() const {
    return std::accumulate(
        connections_.begin(), connections_.end(), std::size_t{0},
        [](std::size_t sum, const auto& entry) { return sum + entry.second.unsent(); });
  }

  // Of those that have no answer under way, the one that has waited longest.
  void make_room() {
    if (connections_.size() < server_.limits_.connections) return;
    auto oldest = connections_.begin();
    for (auto place = connections_.begin(); place != connections_.end(); ++place) {
      const auto rank = [](const WebConnection& connection) {
        return std::pair(!connection.expendable(), connection.deadline());
      };
      if (rank(place->second) < rank(oldest->second)) oldest = place;
    }
    connections_.erase(oldest);
  }

  void accept_all(std::uint64_t now) {
    // So many at a time: those that are here are served in between.
    for (int i = 0; i < 64; ++i) {
      UniqueFd socket(::accept4(server_.listener_.socket.get(), nullptr, nullptr,
                                SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket) {
        // Without descriptors the listener stays readable: rather lose one than spin.
        if ((errno == EMFILE || errno == ENFILE) && !connections_.empty())
          connections_.erase(connections_.begin());
        return;
      }
      make_room();
      const int fd = socket.get();
      auto transport = server_.identity_ ? server_.identity_->accept(std::move(socket))
                                         : std::make_unique<WebTransport>(std::move(socket));
      if (!transport) continue;
      const auto [place, fresh] =
          connections_.emplace(fd, WebConnection(std::move(transport), now, server_.limits_));
      watch(fd, place->second.events(), EPOLL_CTL_ADD);
      go_on(place, now);
    }
  }

  void end_late_ones(std::uint64_t now) {
    looked_ = now;
    std::erase_if(connections_, [&](const auto& entry) { return now >= entry.second.deadline(); });
  }

  WebServer& server_;
  UniqueFd epoll_;
  Connections connections_;
  std::uint64_t looked_ = 0;
};

WebServer::WebServer(WebListener listener, std::shared_ptr<TlsIdentity> identity, WebPages pages,
                     const WebLimits& limits)
    : listener_(std::move(listener)),
      identity_(std::move(identity)),
      pages_(std::move(pages)),
      limits_(limits),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = start_quiet_thread([this] { Loop(*this).run(); });
}

WebServer::~WebServer() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
  if (!listener_.path.empty()) ::unlink(listener_.path.c_str());
}

}  // namespace tcpwatch
