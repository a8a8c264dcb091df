// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include <gtest/gtest.h>

#include <cstring>
#include <initializer_list>

#include "support/random.h"

namespace tcpwatch {
namespace {

tw_endpoint endpoint(std::initializer_list<std::uint8_t> address, std::uint16_t port) {
  tw_endpoint result{};
  std::copy(address.begin(), address.end(), result.address);
  result.port = port;
  return result;
}

bool same(const tw_endpoint& a, const tw_endpoint& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

const tw_endpoint kRedis = endpoint({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 5}, 6379);
const tw_endpoint kAnyV4 = endpoint({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0}, 80);
const tw_endpoint kAnyV6 = endpoint({}, 80);
const tw_endpoint kWeb =
    endpoint({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 443);

TEST(Address, Prints) {
  EXPECT_EQ(format_endpoint(kRedis), "10.0.0.5:6379");
  EXPECT_EQ(format_endpoint(kWeb), "[2001:db8::1]:443");
  EXPECT_EQ(format_endpoint(kAnyV4), "0.0.0.0:80");
  EXPECT_EQ(format_endpoint(kAnyV6), "[::]:80");
  EXPECT_EQ(format_address(kRedis), "10.0.0.5");
  EXPECT_EQ(format_address(kWeb), "2001:db8::1");
}

TEST(Address, PrintsTheLongest) {
  tw_endpoint longest{};
  std::memset(longest.address, 0xff, sizeof longest.address);
  longest.port = 65535;
  EXPECT_EQ(format_endpoint(longest), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

TEST(Address, Reads) {
  EXPECT_TRUE(same(*parse_endpoint("10.0.0.5:6379"), kRedis));
  EXPECT_TRUE(same(*parse_endpoint("[2001:db8::1]:443"), kWeb));
  EXPECT_TRUE(same(*parse_endpoint("[2001:0DB8:0:0::0:1]:443"), kWeb));
  EXPECT_TRUE(same(*parse_endpoint("[::ffff:10.0.0.5]:6379"), kRedis));
  EXPECT_TRUE(same(*parse_endpoint("0.0.0.0:80"), kAnyV4));
  EXPECT_TRUE(same(*parse_endpoint("[::]:80"), kAnyV6));
}

TEST(Address, RefusesWithHint) {
  for (const std::string_view text : {"",
                                      ":",
                                      ":80",
                                      "10.0.0.5",
                                      "10.0.0.5:",
                                      "10.0.0.5:65536",
                                      "10.0.0.5:-1",
                                      "10.0.0.5:+1",
                                      "10.0.0.5: 1",
                                      "10.0.0:80",
                                      "10.0.0.256:80",
                                      "::1:80",
                                      "[::1]",
                                      "[::1]80",
                                      "[::1:80",
                                      "::1]:80",
                                      "[]:80",
                                      "[10.0.0.5]:80",
                                      "[::1%lo]:80",
                                      "localhost:80",
                                      "10.0.0.5:80x",
                                      "10.0.0.5:1e3"}) {
    const auto read = parse_endpoint(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kUsage) << text;
    EXPECT_FALSE(read.error().hint.empty()) << text;
  }
  EXPECT_FALSE(parse_endpoint(std::string_view("10.0.0.5\0:80", 12)));
}

TEST(Address, Kinds) {
  EXPECT_TRUE(is_ipv4(kRedis));
  EXPECT_FALSE(is_ipv4(kWeb));
  EXPECT_FALSE(is_ipv4(kAnyV6));
  EXPECT_TRUE(is_wildcard(kAnyV4));
  EXPECT_TRUE(is_wildcard(kAnyV6));
  EXPECT_FALSE(is_wildcard(kRedis));
  EXPECT_FALSE(is_wildcard(kWeb));
  EXPECT_TRUE(is_loopback(*parse_endpoint("127.0.0.2:1")));
  EXPECT_TRUE(is_loopback(*parse_endpoint("[::1]:1")));
  EXPECT_FALSE(is_loopback(kRedis));
  EXPECT_FALSE(is_loopback(kAnyV6));
}

TEST(AddressProperty, WhatIsPrintedIsReadBack) {
  test::Random random;
  for (int round = 0; round < 20000; ++round) {
    tw_endpoint original{};
    for (auto& byte : original.address) {
      byte = static_cast<std::uint8_t>(random.number(0, 1) * random.number(0, 255));
    }
    // IPv4, other addresses that inet_ntop() writes with dots, and runs of zeros.
    const auto kind = random.number(0, 3);
    if (kind <= 1) std::memset(original.address, 0, 12);
    if (kind == 0) original.address[10] = original.address[11] = 0xff;
    original.port = static_cast<std::uint16_t>(random.number(0, 65535));
    const auto read = parse_endpoint(format_endpoint(original));
    ASSERT_TRUE(read) << format_endpoint(original);
    EXPECT_TRUE(same(*read, original)) << format_endpoint(original);
  }
}

TEST(AddressProperty, RandomTextNeverCrashes) {
  test::Random random;
  constexpr std::string_view kLetters = "0123456789abf:.[]%x ";
  for (int round = 0; round < 20000; ++round) {
    std::string text(random.number(0, 24), ' ');
    for (char& letter : text) letter = kLetters[random.number(0, kLetters.size() - 1)];
    const auto read = parse_endpoint(text);
    if (read) {
      EXPECT_TRUE(same(*parse_endpoint(format_endpoint(*read)), *read)) << text;
    }
  }
}

}  // namespace
}  // namespace tcpwatch
