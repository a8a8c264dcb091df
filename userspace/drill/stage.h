// SPDX-License-Identifier: Apache-2.0
//
// Where a drill is played: a network namespace and a process namespace of its own. Its first
// process dies with the process that made it, however that ends, and takes all others and the
// namespaces with it. Never touches the namespace of its maker. Use it before threads are made.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "base/unique_fd.h"
#include "drill/scenario.h"

namespace tcpwatch {

class Stage {
 public:
  // Returns when the scenario's processes run. It ends by itself after `most`.
  static Result<std::unique_ptr<Stage>> open(const Scenario& scenario, std::chrono::seconds most);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  std::uint32_t netns() const { return netns_; }  // inode
  pid_t leader() const { return leader_; }
  bool running() const;

 private:
  Stage(pid_t leader, UniqueFd line, std::uint32_t netns)
      : leader_(leader), line_(std::move(line)), netns_(netns) {}

  pid_t leader_;
  UniqueFd line_;  // readable: the leader has ended
  std::uint32_t netns_;
};

}  // namespace tcpwatch
