// SPDX-License-Identifier: Apache-2.0
#include "app/agent/web_connection.h"

#include <sys/epoll.h>

#include <array>
#include <utility>

#include "app/agent/web_server.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";

}  // namespace

WebConnection::WebConnection(std::unique_ptr<WebTransport> transport, std::uint64_t now,
                             const WebLimits& limits)
    : transport_(std::move(transport)), events_(EPOLLIN), deadline_(now + limits.request_ns) {}

WebConnection::Step WebConnection::waiting_for(Moved moved) {
  if (moved == Moved::kClosed) return Step::kOver;
  events_ = moved == Moved::kWantsWrite ? EPOLLOUT : EPOLLIN;
  return Step::kWait;
}

WebConnection::Step WebConnection::receive(std::uint64_t now, const WebLimits& limits) {
  std::array<char, 4096> room;
  std::size_t moved = 0;
  const Moved how = transport_->read(room, moved);
  if (how != Moved::kBytes) return waiting_for(how);
  if (request_.empty()) deadline_ = now + limits.request_ns;
  request_.append(room.data(), moved);
  return request_.size() > limits.request_bytes ? Step::kOver : Step::kOn;
}

void WebConnection::answer(WebPages& pages, std::size_t length, std::uint64_t now,
                           const WebLimits& limits) {
  const std::string request = request_.substr(0, length);
  request_.erase(0, length);
  response_ = pages.answer(request, ++answered_ >= limits.requests, closing_);
  sent_ = 0;
  deadline_ = now + limits.request_ns;
}

WebConnection::Step WebConnection::send(std::uint64_t now, const WebLimits& limits) {
  std::size_t moved = 0;
  const Moved how = transport_->write(std::string_view(response_).substr(sent_), moved);
  if (how != Moved::kBytes) return waiting_for(how);
  sent_ += moved;
  if (unsent() != 0) return Step::kOn;
  response_ = {};  // its memory too: the next may be small
  sent_ = 0;
  deadline_ = now + (request_.empty() ? limits.idle_ns : limits.request_ns);
  return closing_ ? Step::kOver : Step::kOn;
}

bool WebConnection::advance(WebPages& pages, std::uint64_t now, const WebLimits& limits) {
  if (now >= deadline_) return false;
  for (;;) {
    Step step = Step::kOn;
    if (unsent() != 0) {
      step = send(now, limits);
    } else if (const auto end = request_.find(kEndOfHead); end != std::string::npos) {
      answer(pages, end + kEndOfHead.size(), now, limits);
      if (unsent() == 0) return false;
    } else {
      step = receive(now, limits);
    }
    if (step != Step::kOn) return step == Step::kWait;
  }
}

}  // namespace tcpwatch
