// SPDX-License-Identifier: Apache-2.0
//
// TLS by OpenSSL, which is linked statically: only a configured certificate makes it run.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>

#include "app/agent/web_transport.h"

namespace tcpwatch {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Session = std::unique_ptr<SSL, FreeSession>;

int as_int(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

class TlsTransport : public WebTransport {
 public:
  TlsTransport(UniqueFd socket, Session session)
      : WebTransport(std::move(socket)), session_(std::move(session)) {}

  Moved read(std::span<char> room, std::size_t& moved) override {
    ERR_clear_error();
    return outcome(SSL_read(session_.get(), room.data(), as_int(room.size())), moved);
  }
  Moved write(std::string_view bytes, std::size_t& moved) override {
    ERR_clear_error();
    return outcome(SSL_write(session_.get(), bytes.data(), as_int(bytes.size())), moved);
  }

 private:
  Moved outcome(int result, std::size_t& moved) {
    if (result > 0) {
      moved = static_cast<std::size_t>(result);
      return Moved::kBytes;
    }
    switch (SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Moved::kWantsRead;
      case SSL_ERROR_WANT_WRITE:
        return Moved::kWantsWrite;
      default:
        return Moved::kClosed;
    }
  }

  Session session_;
};

class OpenSslIdentity : public TlsIdentity {
 public:
  explicit OpenSslIdentity(Context context) : context_(std::move(context)) {}

  std::unique_ptr<WebTransport> accept(UniqueFd socket) override {
    Session session(SSL_new(context_.get()));
    if (!session || SSL_set_fd(session.get(), socket.get()) != 1) return nullptr;
    SSL_set_accept_state(session.get());
    return std::make_unique<TlsTransport>(std::move(socket), std::move(session));
  }

 private:
  Context context_;
};

Error refused(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return {ErrorKind::kBadInput, what + ": " + (reason ? reason : "OpenSSL refuses it"),
          "web.tls-certificate and web.tls-key are PEM files that belong together"};
}

}  // namespace

Result<std::shared_ptr<TlsIdentity>> TlsIdentity::load(const std::string& certificate,
                                                       const std::string& key) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return refused("TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // A client that renegotiates makes work; none needs to. Responses move as the socket takes them.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
    return refused("web.tls-certificate " + certificate);
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1)
    return refused("web.tls-key " + key);
  return std::shared_ptr<TlsIdentity>(std::make_shared<OpenSslIdentity>(std::move(context)));
}

}  // namespace tcpwatch
