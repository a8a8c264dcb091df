// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/special.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "kernel/workload/setting.h"

namespace tcpwatch::workload {
namespace {

constexpr int kMptcp = 262;  // IPPROTO_MPTCP
constexpr std::size_t kByte = 1;
constexpr Exchange kExchange{Closing::client_first, kByte};

std::string why_no_mptcp(const Netns& netns) {
  if (netns.has_sysctl("net.mptcp.enabled")) netns.set_sysctl("net.mptcp.enabled", "1");
  std::string reason;
  netns.run_inside([&] {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kMptcp));
    if (!socket) reason = "no MPTCP in this kernel: " + errno_name(errno);
  });
  return reason;
}

Outcome serve_one_byte(const Netns& netns, Outcome outcome, const SpecialOptions& options,
                       const ListenOptions& listening,
                       const std::function<void(Actor&, const Address&)>& connect) {
  Party& server = add_server(outcome, options.family, listening, [=](Actor& actor, int listener) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      Fd socket = accept_one(actor, listener);
      server_half(actor, socket, kExchange);
    }
  });
  const Address target = Address::destination(options.family, server.listener.port());
  Party& client =
      outcome.add(Party::start(netns, "client", [=](Actor& actor) { connect(actor, target); }));
  client.wait_done();
  server.wait_done();
  netns.wait_for_sockets("all closed", [](const SocketTable& table) {
    return table.count(TCP_ESTABLISHED) == 0 && table.count(TCP_CLOSE_WAIT) == 0;
  });
  outcome.settle();
  return outcome;
}

void connect_with_byte(Actor& actor, const Address& target) {
  Fd socket(check(::socket(target.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const char byte = 0;
  ++actor.counts.connects;
  check(::sendto(socket.get(), &byte, kByte, MSG_FASTOPEN, target.get(), target.size()),
        "sendto(MSG_FASTOPEN)");
  ++actor.counts.established_out;
  actor.counts.bytes_sent += kByte;
  receive_bytes(actor, socket.get(), kByte);
  close_connection(actor, socket);
}

}  // namespace

Outcome mptcp(const Netns& netns, const SpecialOptions& options) {
  Outcome outcome(netns);
  outcome.unavailable = why_no_mptcp(netns);
  if (!outcome.unavailable.empty()) return outcome;
  ListenOptions listening;
  listening.protocol = kMptcp;
  return serve_one_byte(
      netns, std::move(outcome), options, listening, [=](Actor& actor, const Address& target) {
        ConnectOptions connect;
        connect.protocol = kMptcp;
        connect_and_exchange(actor, target, options.connections, kExchange, connect);
      });
}

Outcome fast_open(const Netns& netns, const SpecialOptions& options) {
  constexpr const char* kClientAndServer = "3";
  const Setting setting(netns, "net.ipv4.tcp_fastopen", kClientAndServer);
  ListenOptions listening;
  listening.fast_open_queue = 16;
  return serve_one_byte(netns, Outcome(netns), options, listening,
                        [=](Actor& actor, const Address& target) {
                          for (std::size_t i = 0; i < options.connections; ++i) {
                            connect_with_byte(actor, target);
                          }
                        });
}

}  // namespace tcpwatch::workload
