// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace tcpwatch {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

bool parse_ipv4(const char* text, tw_endpoint& endpoint) {
  std::ranges::copy(kMappedPrefix, endpoint.address);
  return ::inet_pton(AF_INET, text, endpoint.address + 12) == 1;
}

Error not_an_endpoint(std::string_view text) {
  return {ErrorKind::kUsage, fmt::format("'{}' is no address with a port", text),
          "write 10.0.0.5:6379, or [2001:db8::1]:443"};
}

}  // namespace

bool is_ipv4(const tw_endpoint& endpoint) {
  return std::memcmp(endpoint.address, kMappedPrefix.data(), kMappedPrefix.size()) == 0;
}

bool is_wildcard(const tw_endpoint& endpoint) {
  return std::all_of(endpoint.address + (is_ipv4(endpoint) ? 12 : 0), endpoint.address + 16,
                     [](std::uint8_t byte) { return byte == 0; });
}

bool is_loopback(const tw_endpoint& endpoint) {
  if (is_ipv4(endpoint)) return endpoint.address[12] == 127;
  return endpoint.address[15] == 1 &&
         std::all_of(endpoint.address, endpoint.address + 15, [](auto byte) { return byte == 0; });
}

std::string format_address(const tw_endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_ipv4(endpoint)) {
    ::inet_ntop(AF_INET, endpoint.address + 12, text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, endpoint.address, text, sizeof text);
  }
  return text;
}

std::string format_endpoint(const tw_endpoint& endpoint) {
  const std::string address = format_address(endpoint);
  if (is_ipv4(endpoint)) return fmt::format("{}:{}", address, endpoint.port);
  return fmt::format("[{}]:{}", address, endpoint.port);
}

Result<tw_endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_an_endpoint(text);
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port || host.find('\0') != std::string::npos) return not_an_endpoint(text);

  tw_endpoint endpoint{};
  endpoint.port = *port;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), endpoint.address) == 1) return endpoint;
  } else if (parse_ipv4(host.c_str(), endpoint)) {
    return endpoint;
  }
  return not_an_endpoint(text);
}

}  // namespace tcpwatch
