// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/actor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cstring>
#include <exception>

namespace tcpwatch::workload {
namespace {

// The last resort against a hung child whose test is gone: SIGALRM ends it.
constexpr unsigned kLifeSeconds = 300;

int state_of(int socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  const int failed = ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size);
  return failed == 0 && info.tcpi_state < Counts::kStates ? info.tcpi_state : 0;
}

void take_default_signals() {
  for (const int signal : {SIGALRM, SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

Actor::Actor(Channel channel, std::vector<Channel> workers)
    : channel_(std::move(channel)), workers_(std::move(workers)) {}

void Actor::say(Say say, const Words& words) {
  Message message;
  message.say = say;
  message.words = words;
  message.counts = counts;
  if (!channel_.send(message)) ::_exit(3);
}

void Actor::tell(const Words& words) { say(Say::told, words); }

Words Actor::wait_go() {
  const auto message = channel_.receive(Deadline(10 * kPatience));
  if (!message) ::_exit(0);
  return message->words;
}

void Actor::keep(Fd socket) { kept_.push_back(std::move(socket)); }

void Actor::park(std::initializer_list<std::int64_t> words) {
  for (const Fd& socket : kept_) ++counts.open.at(static_cast<std::size_t>(state_of(socket.get())));
  say(Say::done, words_of(words));
  for (;;) wait_go();  // ends with the channel
}

void Actor::fork_worker(std::size_t index, const std::string& comm, const Body& body) {
  const pid_t child = check(::fork(), "fork worker");
  if (child == 0) {
    Channel own = std::move(workers_.at(index));
    workers_.clear();
    channel_.close();
    live(std::move(own), {}, comm, body);
  }
  workers_.at(index).close();
}

void live(Channel channel, std::vector<Channel> workers, const std::string& comm,
          const Body& body) {
  take_default_signals();
  ::alarm(kLifeSeconds);
  ::prctl(PR_SET_NAME, comm.c_str());
  const int line = channel.fd();
  Actor actor(std::move(channel), std::move(workers));
  try {
    Message hello;
    hello.words[0] = ::getpid();
    if (::send(line, &hello, sizeof(hello), MSG_NOSIGNAL) < 0) ::_exit(3);
    body(actor);
    actor.park();
  } catch (const std::exception& error) {
    Message failed;
    failed.say = Say::failed;
    failed.counts = actor.counts;
    std::strncpy(failed.text.data(), error.what(), failed.text.size() - 1);
    ::send(line, &failed, sizeof(failed), MSG_NOSIGNAL);
    ::_exit(2);
  }
}

}  // namespace tcpwatch::workload
