// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/socket_table.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tcpwatch::workload {

SocketTable::SocketTable(const std::string& tcp, const std::string& tcp6) {
  parse(tcp, false);
  parse(tcp6, true);
}

namespace {

// "   0: 0100007F:1F90 0200007F:C350 0A 00000000:00000002 …": fields by blanks, addresses of 8 or
// 32 digits. By hand: a table of 100,000 rows must not take seconds.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}
  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const std::string_view field = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(field.size());
    return field;
  }

 private:
  std::string_view rest_;
};

std::uint32_t hex_after_colon(std::string_view field) {
  field.remove_prefix(std::min(field.find(':') + 1, field.size()));
  std::uint32_t value = 0;
  std::from_chars(field.data(), field.data() + field.size(), value, 16);
  return value;
}

SocketRow parse_row(std::string_view line, bool v6) {
  Fields fields(line);
  fields.next();  // its number
  SocketRow row;
  row.local_port = static_cast<std::uint16_t>(hex_after_colon(fields.next()));
  row.remote_port = static_cast<std::uint16_t>(hex_after_colon(fields.next()));
  row.state = static_cast<int>(hex_after_colon(fields.next()));  // no colon: the whole field
  row.queue = hex_after_colon(fields.next());                    // tx:rx
  row.remnant = fields.next().starts_with("03:");                // timer:when
  row.v6 = v6;
  return row;
}

}  // namespace

void SocketTable::parse(std::string_view text, bool v6) {
  text.remove_prefix(std::min(text.find('\n') + 1, text.size()));  // the heading
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    rows_.push_back(parse_row(line, v6));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

std::size_t SocketTable::count(int state) const {
  return static_cast<std::size_t>(std::count_if(
      rows_.begin(), rows_.end(), [&](const SocketRow& row) { return row.state == state; }));
}

std::size_t SocketTable::count(int state, std::uint16_t local_port) const {
  return static_cast<std::size_t>(std::count_if(rows_.begin(), rows_.end(), [&](const auto& row) {
    return row.state == state && row.local_port == local_port;
  }));
}

std::size_t SocketTable::whole_fin_waits() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      rows_, [](const SocketRow& row) { return row.state == TCP_FIN_WAIT2 && !row.remnant; }));
}

std::size_t SocketTable::queued(std::uint16_t listener_port) const {
  std::size_t sum = 0;
  for (const SocketRow& row : rows_) {
    if (row.state == TCP_LISTEN && row.local_port == listener_port) sum += row.queue;
  }
  return sum;
}

bool SocketTable::quiet() const {
  return std::none_of(rows_.begin(), rows_.end(), [](const SocketRow& row) {
    return row.state == TCP_SYN_SENT || row.state == TCP_SYN_RECV || row.state == TCP_FIN_WAIT1 ||
           row.state == TCP_LAST_ACK || row.state == TCP_CLOSING;
  });
}

std::string SocketTable::text() const {
  std::string text;
  for (int state = TCP_ESTABLISHED; state <= TCP_CLOSING; ++state) {
    const std::size_t number = count(state);
    if (number == 0) continue;
    text +=
        (text.empty() ? "" : ", ") + std::string(state_name(state)) + " " + std::to_string(number);
  }
  return text.empty() ? "no sockets" : text;
}

const char* state_name(int state) {
  constexpr std::array<const char*, 12> kNames = {
      "?",         "ESTABLISHED", "SYN_SENT",   "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
      "TIME_WAIT", "CLOSE",       "CLOSE_WAIT", "LAST_ACK", "LISTEN",    "CLOSING"};
  return state > 0 && state < 12 ? kNames[static_cast<std::size_t>(state)] : "?";
}

}  // namespace tcpwatch::workload
