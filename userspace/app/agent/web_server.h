// SPDX-License-Identifier: Apache-2.0
//
// The agent's HTTP server: one thread, one loop, nothing blocks. A request is collected until it is
// whole, answered by WebPages, and the response leaves as the client takes it. Connections, their
// time and all memory are bounded; who is slow loses the place to who is not. The thread has no
// capabilities.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/agent/web_pages.h"
#include "app/agent/web_transport.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace tcpwatch {

struct WebLimits {
  std::size_t connections = 256;
  std::size_t request_bytes = 16384;
  std::size_t unsent_bytes = std::size_t{32} << 20;  // of all connections together
  std::uint64_t request_ns = 10'000'000'000;         // to send a request, to take a response
  std::uint64_t idle_ns = 60'000'000'000;            // between two requests
  unsigned requests = 1000;                          // of one connection
};

// "127.0.0.1:9717", "[::1]:0", ":9717" (every address), "unix:/run/tcpwatch.sock". Bound and
// listening: a second agent on the same address is told so here.
struct WebListener {
  UniqueFd socket;
  std::string shown;  // as a client writes it, with the port that was chosen for 0
  std::string path;   // of a Unix socket: removed in the end
};
Result<WebListener> listen_for_web(const std::string& address);

class WebServer {
 public:
  WebServer(WebListener listener, std::shared_ptr<TlsIdentity> identity, WebPages pages,
            const WebLimits& limits = {});
  ~WebServer();

  const std::string& address() const { return listener_.shown; }

 private:
  class Loop;

  WebListener listener_;
  std::shared_ptr<TlsIdentity> identity_;
  WebPages pages_;
  WebLimits limits_;
  UniqueFd stop_;
  std::thread thread_;
};

}  // namespace tcpwatch
