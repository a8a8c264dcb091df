// SPDX-License-Identifier: Apache-2.0
//
// The agent asks others by HTTP: whatever they answer, or do not, costs the time that was given and
// a bounded piece of memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <thread>

#include "app/agent/http_call.h"
#include "app/agent/quiet_thread.h"
#include "base/unique_fd.h"

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Answers each connection with what `answer` sends, until the client has gone.
class Server {
 public:
  explicit Server(std::function<void(int)> answer)
      : answer_(std::move(answer)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(socket_.get(), 8);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int fd; (fd = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
        const UniqueFd connection(fd);
        answer_(fd);
      }
    });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }

  HttpUrl url(const std::string& scheme = "http") const {
    return *parse_http_url(scheme + "://127.0.0.1:" + std::to_string(port_) + "/status");
  }

 private:
  std::function<void(int)> answer_;
  UniqueFd socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

bool send_text(int fd, std::string_view text) {
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) > 0;
}

// A byte now and then, as long as anybody listens.
void drip(int fd) {
  pollfd gone{fd, POLLRDHUP, 0};
  while (send_text(fd, "x") && ::poll(&gone, 1, 10) == 0) {
  }
}

void flood(int fd) {
  const std::string much(65536, 'x');
  while (send_text(fd, much)) {
  }
}

void wait_for_end(int fd) {
  pollfd gone{fd, POLLRDHUP, 0};
  ::poll(&gone, 1, -1);
}

std::string asked(const Server& server, double timeout, const std::string& scheme = "http") {
  HttpCaller caller;
  const auto begin = Clock::now();
  const auto answer = caller.get(server.url(scheme), timeout);
  EXPECT_LT(Clock::now() - begin, 5s);
  return answer ? std::to_string(answer->status) + answer->body : answer.error().message;
}

TEST(AgentHttp, AnAnswerIsRead) {
  const Server server(
      [](int fd) { send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); });
  EXPECT_EQ(asked(server, 5), "200ok");
}

TEST(AgentHttp, ARedirectIsNotFollowed) {
  const Server server([](int fd) {
    send_text(fd, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_EQ(asked(server, 5), "302");
}

TEST(AgentHttp, ADripOfBytesEndsWithTheTime) {
  const Server line(drip);
  EXPECT_THAT(asked(line, 0.3), HasSubstr("no whole answer in 0.3 s"));
  const Server head([](int fd) {
    send_text(fd, "HTTP/1.1 200 OK\r\nX: ");
    drip(fd);
  });
  EXPECT_THAT(asked(head, 0.3), HasSubstr("no whole answer in 0.3 s"));
  const Server body([](int fd) {
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
    drip(fd);
  });
  EXPECT_THAT(asked(body, 0.3), HasSubstr("no whole answer in 0.3 s"));
}

TEST(AgentHttp, AnEndlessAnswerIsCutOff) {
  for (const char* begin : {"", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n"}) {
    const Server server([begin](int fd) {
      send_text(fd, begin);
      flood(fd);
    });
    EXPECT_THAT(asked(server, 5), HasSubstr("larger than 64 KiB")) << begin;
  }
}

TEST(AgentHttp, ARequestUnderWayCanBeGivenUp) {
  for (const char* scheme : {"http", "https"}) {
    HttpCaller caller;
    const Server server([&](int fd) {
      caller.cancel();
      wait_for_end(fd);
    });
    const auto begin = Clock::now();
    // As the agent asks: OpenSSL writes to the broken connection without MSG_NOSIGNAL.
    start_quiet_thread([&] {
      EXPECT_FALSE(caller.get(server.url(scheme), 30));
      EXPECT_LT(Clock::now() - begin, 20s);
      EXPECT_FALSE(caller.get(server.url(scheme), 30));
    }).join();
  }
}

}  // namespace
}  // namespace tcpwatch::test
