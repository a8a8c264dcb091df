// SPDX-License-Identifier: Apache-2.0
//
// Lines for a log shipper: all of them, whole and in order, as fast as it reads; bounded where it
// does not.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <string>

#include "app/agent/line_sink.h"
#include "support/temp_dir.h"

namespace tcpwatch::test {
namespace {

constexpr int kPatience = 20'000;  // ms

class Reader {
 public:
  explicit Reader(const std::string& path)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
    ::listen(listener_.get(), 4);
  }
  void accept() { connection_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, 0)); }
  void leave() { connection_.reset(); }
  // So many bytes, or what there is until nobody sends any more.
  std::string read(std::size_t bytes) const {
    std::string text;
    pollfd waiting{connection_.get(), POLLIN, 0};
    while (text.size() < bytes && ::poll(&waiting, 1, kPatience) > 0) {
      char room[65536];
      const ssize_t got =
          ::recv(connection_.get(), room, std::min(sizeof room, bytes - text.size()), 0);
      if (got <= 0) break;
      text.append(room, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  UniqueFd listener_;
  UniqueFd connection_;
};

class AgentLines : public testing::Test {
 protected:
  TempDir folder;
  std::string path = folder.path() + "/shipper";
};

TEST_F(AgentLines, ALineThatIsLargerThanTheSocketsBufferArrivesWhole) {
  Reader reader(path);
  const auto lines = LineSink::open("unix:" + path);
  ASSERT_TRUE(lines);
  const std::string line(3'000'000, 'x');
  (*lines)->write(line);
  reader.accept();
  EXPECT_EQ(reader.read(line.size() + 1), line + '\n');
}

TEST_F(AgentLines, WhatWaitsGoesBeforeTheEnd) {
  Reader reader(path);
  auto lines = LineSink::open("unix:" + path);
  ASSERT_TRUE(lines);
  for (int i = 0; i < 100; ++i) (*lines)->write(std::to_string(i));
  lines->reset();
  reader.accept();
  const std::string text = reader.read(1 << 20);
  EXPECT_EQ(text.substr(text.size() - 6), "98\n99\n");
}

TEST_F(AgentLines, WhatNobodyTakesIsBoundedAndCountedAndEndsInTime) {
  Reader reader(path);  // whose connection nobody reads
  const auto lines = LineSink::open("unix:" + path);
  ASSERT_TRUE(lines);
  const std::string line(1'000'000, 'x');
  for (int i = 0; i < 12; ++i) (*lines)->write(line);
  EXPECT_GE((*lines)->dropped(), 3u);
  EXPECT_EQ((*lines)->written(), 0u);
}

TEST_F(AgentLines, TheNextReaderBeginsWithAWholeLine) {
  Reader reader(path);
  const auto lines = LineSink::open("unix:" + path);
  ASSERT_TRUE(lines);
  (*lines)->write(std::string(3'000'000, 'x'));
  reader.accept();
  EXPECT_EQ(reader.read(1000).size(), 1000u);
  reader.leave();
  (*lines)->write("next");
  reader.accept();
  EXPECT_EQ(reader.read(5), "next\n");
  EXPECT_EQ((*lines)->dropped(), 1u);
}

}  // namespace
}  // namespace tcpwatch::test
