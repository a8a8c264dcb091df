// SPDX-License-Identifier: Apache-2.0
// How the processes of a scenario come to be: party.h, its start functions.
#include <sched.h>
#include <sys/syscall.h>

#include <algorithm>

#include "kernel/workload/actor.h"
#include "kernel/workload/cpu.h"
#include "kernel/workload/party.h"

namespace tcpwatch::workload {
namespace {

std::string comm_of(const std::string& role) {
  std::string comm = "tw-" + role.substr(0, 12);
  std::replace(comm.begin(), comm.end(), ' ', '-');
  return comm;
}

// A child must not hold the test's descriptors: a BPF link would outlive its detaching, and a
// channel its closing.
void close_all_but(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned first = 3;
  for (const int fd : keep) {
    const auto number = static_cast<unsigned>(fd);
    if (number > first) ::syscall(SYS_close_range, first, number - 1, 0);
    first = number + 1;
  }
  ::syscall(SYS_close_range, first, ~0U, 0);
}

}  // namespace

Party::Party(std::string role, Channel channel)
    : role_(std::move(role)), comm_(comm_of(role_)), channel_(std::move(channel)) {}

Party Party::start(const Netns& netns, const std::string& role, const Body& body) {
  return std::move(start_with_workers(netns, role, 0, body).front());
}

std::vector<Party> Party::start_with_workers(const Netns& netns, const std::string& role,
                                             std::size_t workers, const Body& body) {
  std::vector<Party> parties;
  std::vector<Channel> theirs;
  for (std::size_t i = 0; i <= workers; ++i) {
    auto [mine, other] = Channel::make();
    const std::string name = i == 0 ? role : "worker " + std::to_string(i - 1);
    parties.push_back(Party(name, std::move(mine)));
    theirs.push_back(std::move(other));
  }
  const std::string comm = parties.front().comm_;
  const pid_t child = check(::fork(), "fork");
  if (child == 0) {
    if (::setns(netns.fd(), CLONE_NEWNET) != 0) ::_exit(4);
    pin_to(netns.cpu());
    std::vector<int> keep;
    for (const Channel& channel : theirs) keep.push_back(channel.fd());
    close_all_but(keep);
    Channel own = std::move(theirs.front());
    theirs.erase(theirs.begin());
    live(std::move(own), std::move(theirs), comm, body);
  }
  theirs.clear();  // else the end of the child would not be seen
  parties.front().pid_ = child;
  parties.front().own_child_ = true;
  parties.front().wait_started();
  return parties;
}

}  // namespace tcpwatch::workload
