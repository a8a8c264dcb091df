// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/party.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fstream>

#include "kernel/workload/actor.h"

namespace tcpwatch::workload {
namespace {

constexpr std::int64_t kExitPatience = 10'000 * kMillisecond;

}  // namespace

Party::Party(Party&& other) noexcept
    : listener(other.listener),
      role_(std::move(other.role_)),
      comm_(std::move(other.comm_)),
      channel_(std::move(other.channel_)),
      pidfd_(std::move(other.pidfd_)),
      pid_(std::exchange(other.pid_, 0)),
      own_child_(other.own_child_),
      parked_(other.parked_),
      gone_(other.gone_),
      counts_(other.counts_) {}

void Party::wait_started() {
  if (!pidfd_) expect(Say::hello);
}

Words Party::expect(Say say, std::int64_t patience) {
  for (;;) {
    const std::string who = role_ + " (pid " + std::to_string(pid_) + ")";
    const auto message = channel_.receive(Deadline(patience));
    if (!message) throw WorkloadError(who + " is gone");
    counts_ = message->counts;
    if (message->say == Say::failed) throw WorkloadError(who + ": " + message->text.data());
    if (message->say == Say::hello) {
      pid_ = static_cast<pid_t>(message->words[0]);
      pidfd_.reset(check(::syscall(SYS_pidfd_open, pid_, 0), "pidfd_open"));
    }
    if (message->say == say) return message->words;
    if (message->say != Say::hello) throw WorkloadError(who + ": said something unexpected");
  }
}

void Party::go(const Words& words) {
  Message message;
  message.say = Say::go;
  message.words = words;
  if (!channel_.send(message)) throw WorkloadError(role_ + " is gone");
}

Words Party::wait_told() { return expect(Say::told); }

Words Party::wait_done(std::int64_t patience) {
  const Words words = expect(Say::done, patience);
  parked_ = true;
  return words;
}

void Party::wait_asleep() const {
  wait_until(role_ + " asleep", [this] {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const std::size_t name_end = stat.rfind(") ");
    return name_end != std::string::npos && stat.compare(name_end + 2, 1, "S") == 0;
  });
}

void Party::release() {
  if (pid_ == 0 || gone_) return;
  channel_.close();
  if (pidfd_ && !wait_for(pidfd_.get(), POLLIN, Deadline(kExitPatience))) return kill();
  reap();
}

void Party::kill() {
  if (pid_ == 0 || gone_) return;
  if (pidfd_) {
    ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
    wait_for(pidfd_.get(), POLLIN, Deadline(kExitPatience));
  } else if (own_child_) {
    ::kill(pid_, SIGKILL);  // ours and not reaped: the number cannot be another's
  }
  reap();
}

void Party::reap() {
  gone_ = true;
  if (own_child_) ::waitpid(pid_, nullptr, 0);
}

Party::~Party() {
  // Its body may be blocked in a call that no release would end.
  if (parked_) {
    release();
  } else {
    kill();
  }
}

}  // namespace tcpwatch::workload
