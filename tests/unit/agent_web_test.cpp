// SPDX-License-Identifier: Apache-2.0
//
// The agent's web server on a loopback port of its own: what it serves, to whom, and what it does
// with clients that are slow, many, or talk nonsense.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <vector>

#include "app/agent/web_server.h"
#include "support/temp_dir.h"

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int kPatience = 20'000;  // ms

class Client {
 public:
  explicit Client(const std::string& address) {
    if (address.starts_with("unix:")) {
      sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
      address.copy(name.sun_path, sizeof name.sun_path - 1, 5);
      connect(reinterpret_cast<const sockaddr*>(&name), sizeof name);
    } else {
      sockaddr_in name{};
      name.sin_family = AF_INET;
      name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(10))));
      connect(reinterpret_cast<const sockaddr*>(&name), sizeof name);
    }
  }

  Client& say(std::string_view text) {
    (void)!::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    return *this;
  }
  // What comes until `end` has come, or the connection ends.
  std::string hear(std::string_view end = "") {
    while (end.empty() || heard_.find(end) == std::string::npos) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      char bytes[4096];
      if (::poll(&waiting, 1, kPatience) <= 0) break;
      const ssize_t size = ::recv(socket_.get(), bytes, sizeof bytes, 0);
      if (size <= 0) break;
      heard_.append(bytes, static_cast<std::size_t>(size));
    }
    return std::exchange(heard_, "");
  }

 private:
  void connect(const sockaddr* name, socklen_t size) {
    socket_.reset(::socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(socket_.get(), name, size), 0);
  }

  UniqueFd socket_;
  std::string heard_;
};

class AgentWeb : public testing::Test {
 protected:
  void serve(const std::string& credentials = "", const WebLimits& limits = {},
             const std::string& at = "127.0.0.1:0") {
    WebSource source;
    source.metrics = [this](bool openmetrics) { return openmetrics ? "# EOF\n" : metrics; };
    source.view = [] { return "{\"view\":1}\n"; };
    source.findings = [] { return "{\"findings\":[]}\n"; };
    source.alive = [] { return true; };
    source.ready = [] { return false; };
    auto listener = listen_for_web(at);
    ASSERT_TRUE(listener) << listener.error().message;
    server = std::make_unique<WebServer>(std::move(*listener), nullptr,
                                         WebPages(std::move(source), credentials), limits);
  }
  std::string get(const std::string& path, const std::string& headers = "") const {
    return Client(server->address())
        .say("GET " + path + " HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n")
        .hear();
  }

  std::string metrics = "x 1\n";
  std::unique_ptr<WebServer> server;
};

TEST_F(AgentWeb, ServesItsPages) {
  serve();
  EXPECT_THAT(get("/metrics"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(get("/metrics"), HasSubstr("\r\n\r\nx 1\n"));
  EXPECT_THAT(get("/metrics", "Accept: application/openmetrics-text;version=1.0.0,*/*\r\n"),
              HasSubstr("# EOF"));
  EXPECT_THAT(get("/api/v1/view"), HasSubstr("{\"view\":1}"));
  EXPECT_THAT(get("/api/v1/findings"), HasSubstr("application/json"));
  EXPECT_THAT(get("/"), HasSubstr("href=\"/metrics\""));
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get("/etc/passwd"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Client(server->address()).say("HEAD /metrics HTTP/1.0\r\n\r\n").hear(),
              Not(HasSubstr("x 1")));
}

TEST_F(AgentWeb, IsReadOnly) {
  serve();
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"})
    EXPECT_THAT(Client(server->address())
                    .say(std::string(method) + " /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
                    .hear(),
                StartsWith("HTTP/1.1 405"))
        << method;
}

TEST_F(AgentWeb, AsksForTheRightPassword) {
  serve("me:secret");
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(get("/metrics", "Authorization: Basic bWU6d3Jvbmc=\r\n"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(get("/metrics", "Authorization: Basic bWU6c2VjcmV0\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));  // a probe has no password
}

TEST_F(AgentWeb, NonsenseIsRefusedAndTheNextClientServed) {
  serve();
  const std::vector<std::string> nonsense{"\r\n\r\n",
                                          std::string(5000, '\0') + "\r\n\r\n",
                                          "GET\r\n\r\n",
                                          "GET / HTTP/9.9\r\n\r\n",
                                          "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n",
                                          "\x16\x03\x01\x02" + std::string(600, 'x') + "\r\n\r\n"};
  for (const std::string& text : nonsense)
    EXPECT_THAT(Client(server->address()).say(text).hear(), StartsWith("HTTP/1.1 4"));
  EXPECT_EQ(Client(server->address()).say(std::string(40'000, 'a')).hear(), "");
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 200"));
}

TEST_F(AgentWeb, ManyRangesDoNotMultiplyTheAnswer) {
  metrics = std::string(100'000, 'm');
  serve();
  std::string ranges = "Range: bytes=0-";
  for (int i = 0; i < 1000; ++i) ranges += ",0-";
  EXPECT_LT(get("/metrics", ranges + "\r\n").size(), 101'000u);
}

TEST_F(AgentWeb, PipelinedRequestsAreAnsweredInOrder) {
  serve();
  Client client(server->address());
  client.say("GET /metrics HTTP/1.1\r\n\r\nGET /api/v1/view HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string answer = client.hear();
  EXPECT_LT(answer.find("x 1"), answer.find("{\"view\":1}"));
  EXPECT_NE(answer.find("{\"view\":1}"), std::string::npos);
}

TEST_F(AgentWeb, SlowClientsLoseTheirPlaceToOthers) {
  serve("", {.connections = 8});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<Client>(server->address()));
    slow.back()->say("GET /metr");
  }
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 200"));
}

TEST_F(AgentWeb, WhoTakesTooLongIsCutOff) {
  serve("", {.request_ns = 1'000'000});
  EXPECT_EQ(Client(server->address()).say("GET /metr").hear(), "");
}

TEST_F(AgentWeb, AnswersThatNobodyReadsDoNotFillMemory) {
  constexpr std::size_t kPage = 12'000'000;  // more than the kernel keeps for a socket
  metrics = std::string(kPage, 'm');
  serve("", {.unsent_bytes = 2 * kPage});
  std::vector<std::unique_ptr<Client>> lazy;
  for (int i = 0; i < 8; ++i) {
    lazy.push_back(std::make_unique<Client>(server->address()));
    lazy.back()->say("GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n");
  }
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  std::size_t cut = 0;
  for (auto& client : lazy) cut += client->hear().size() < kPage ? 1 : 0;
  EXPECT_GT(cut, 0u);
  EXPECT_LT(cut, lazy.size());
}

TEST_F(AgentWeb, AnAddressInUseIsToldWithARemedy) {
  serve();
  const auto again = listen_for_web(server->address());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kInputOutput);
  EXPECT_THAT(again.error().hint, HasSubstr("another agent"));
  EXPECT_EQ(listen_for_web("nonsense").error().kind, ErrorKind::kUsage);
  EXPECT_EQ(listen_for_web("unix:").error().kind, ErrorKind::kUsage);
}

TEST_F(AgentWeb, AUnixSocketIsServedAndRemoved) {
  const TempDir folder;
  const std::string at = "unix:" + folder.path() + "/agent.sock";
  serve("", {}, at);
  EXPECT_THAT(get("/metrics"), HasSubstr("x 1"));
  EXPECT_FALSE(listen_for_web(at));  // somebody answers there
  server.reset();
  folder.write("plain", "x");
  EXPECT_FALSE(listen_for_web("unix:" + folder.path() + "/plain"));  // not ours to remove
  {
    const auto left = listen_for_web(at);  // as after kill -9: bound, and nobody listens
    ASSERT_TRUE(left);
  }
  EXPECT_TRUE(listen_for_web(at));
}

}  // namespace
}  // namespace tcpwatch::test
