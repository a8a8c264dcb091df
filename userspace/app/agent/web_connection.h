// SPDX-License-Identifier: Apache-2.0
//
// One HTTP connection of the loop: what has come in, what has yet to go out, and until when it may
// take. Times are CLOCK_MONOTONIC ns. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/agent/web_pages.h"
#include "app/agent/web_transport.h"

namespace tcpwatch {

struct WebLimits;

class WebConnection {
 public:
  WebConnection(std::unique_ptr<WebTransport> transport, std::uint64_t now,
                const WebLimits& limits);

  // Goes on as far as it can without waiting. False: the connection is over.
  bool advance(WebPages& pages, std::uint64_t now, const WebLimits& limits);

  int fd() const { return transport_->fd(); }
  std::uint32_t events() const { return events_; }  // of epoll, that it waits for
  std::uint64_t deadline() const { return deadline_; }
  std::size_t unsent() const { return response_.size() - sent_; }
  // No answer is under way: nobody is hurt if it has to go.
  bool expendable() const { return unsent() == 0; }

 private:
  enum class Step : unsigned char { kOn, kWait, kOver };
  Step receive(std::uint64_t now, const WebLimits& limits);
  Step send(std::uint64_t now, const WebLimits& limits);
  void answer(WebPages& pages, std::size_t length, std::uint64_t now, const WebLimits& limits);
  Step waiting_for(Moved moved);

  std::unique_ptr<WebTransport> transport_;
  std::string request_;
  std::string response_;
  std::size_t sent_ = 0;
  unsigned answered_ = 0;
  bool closing_ = false;
  std::uint32_t events_;
  std::uint64_t deadline_;
};

}  // namespace tcpwatch
