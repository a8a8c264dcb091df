// SPDX-License-Identifier: Apache-2.0
//
// The bytes of one HTTP connection: plain (TCP or a Unix socket) or TLS. Never blocks: whoever
// waits is told for what. Owns the descriptor. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tcpwatch {

enum class Moved : unsigned char { kBytes, kWantsRead, kWantsWrite, kClosed };

class WebTransport {
 public:
  explicit WebTransport(UniqueFd socket) : socket_(std::move(socket)) {}
  virtual ~WebTransport() = default;
  WebTransport(const WebTransport&) = delete;
  WebTransport& operator=(const WebTransport&) = delete;

  int fd() const { return socket_.get(); }
  // kBytes: `moved` of them, more than 0.
  virtual Moved read(std::span<char> room, std::size_t& moved);
  virtual Moved write(std::string_view bytes, std::size_t& moved);

 private:
  UniqueFd socket_;
};

// Certificate and key, loaded once; makes the transport of a connection.
class TlsIdentity {
 public:
  static Result<std::shared_ptr<TlsIdentity>> load(const std::string& certificate,
                                                   const std::string& key);
  virtual ~TlsIdentity() = default;
  // Null: out of memory.
  virtual std::unique_ptr<WebTransport> accept(UniqueFd socket) = 0;
};

}  // namespace tcpwatch
