// SPDX-License-Identifier: Apache-2.0
//
// The process of a Party as its own body sees it: what it counts, and its line to the test.
// Lives in the child process only, which has one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernel/workload/channel.h"
#include "kernel/workload/party.h"

namespace tcpwatch::workload {

class Actor {
 public:
  Actor(Channel channel, std::vector<Channel> workers);

  Counts counts;

  void tell(std::initializer_list<std::int64_t> words = {}) { tell(words_of(words)); }
  void tell(const Words& words);
  Words wait_go();  // the test's next word; a test that is gone ends the process
  int channel_fd() const { return channel_.fd(); }  // readable: the test has something to say

  // Sockets that stay open while parked: counted by state then, closed by the exit.
  void keep(Fd socket);
  std::vector<Fd>& kept() { return kept_; }

  // Tells the test that all is done, waits for its release and exits at once: what is open then is
  // closed by the exit, not by close(). A body that returns does the same, with `kept` open.
  [[noreturn]] void park(std::initializer_list<std::int64_t> words = {});

  // Forks a process that takes channel `index` of Party::start_with_workers, and all descriptors.
  void fork_worker(std::size_t index, const std::string& comm, const Body& body);

 private:
  void say(Say say, const Words& words);

  Channel channel_;
  std::vector<Channel> workers_;
  std::vector<Fd> kept_;
};

// The whole life of a child after fork: name, namespace already entered, hello, body, exit.
[[noreturn]] void live(Channel channel, std::vector<Channel> workers, const std::string& comm,
                       const Body& body);

}  // namespace tcpwatch::workload
