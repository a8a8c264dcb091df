// SPDX-License-Identifier: Apache-2.0
//
// A Party is a process of a scenario as the test sees it: forked into the namespace, named, doing
// its body step by step, then parked alive until released, so that a tracer can be asked about
// it. Exit closes what it left open. Destruction releases and reaps; a hung one is killed by pidfd.
// Used by one thread. Actor (actor.h) is the same process as its body sees it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "kernel/workload/address.h"
#include "kernel/workload/channel.h"
#include "kernel/workload/netns.h"

namespace tcpwatch::workload {

class Actor;
using Body = std::function<void(Actor&)>;

class Party {
 public:
  // `role` says what it is in the scenario ("server", "client", "worker 0"); the command name that
  // the kernel shows is "tw-" and the role's first 12 characters, blanks as '-'.
  static Party start(const Netns& netns, const std::string& role, const Body& body);
  // The first one (the master) and, after it, `workers` parties that its body forks itself
  // (Actor::fork_worker): their pid is known from wait_started() on.
  static std::vector<Party> start_with_workers(const Netns& netns, const std::string& role,
                                               std::size_t workers, const Body& body);
  Party(Party&& other) noexcept;
  ~Party();

  const std::string& role() const { return role_; }
  const std::string& comm() const { return comm_; }
  pid_t pid() const { return pid_; }
  const Counts& counts() const { return counts_; }  // as of its last message
  Address listener;                                 // where it listens, set by the scenario

  void go(std::initializer_list<std::int64_t> words = {}) { go(words_of(words)); }
  void go(const Words& words);
  void wait_started();                                 // for a worker: until its master forked it
  Words wait_told();                                   // the next Actor::tell()
  Words wait_done(std::int64_t patience = kPatience);  // until it parked
  bool parked() const { return parked_; }
  void wait_asleep() const;  // until it is blocked in the call that its body is known to come to

  // Releases the parked process and waits for its exit (killed at the deadline).
  void release();
  // SIGKILL, and waits for the exit.
  void kill();
  bool running() const { return pid_ != 0 && !gone_; }

 private:
  Party(std::string role, Channel channel);
  Words expect(Say say, std::int64_t patience = kPatience);
  void reap();

  std::string role_;
  std::string comm_;
  Channel channel_;
  Fd pidfd_;
  pid_t pid_ = 0;
  bool own_child_ = false;
  bool parked_ = false;
  bool gone_ = false;
  Counts counts_;
};

}  // namespace tcpwatch::workload
