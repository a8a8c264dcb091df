// SPDX-License-Identifier: Apache-2.0
//
// The addresses of a host. getaddrinfo() can be neither bounded nor given up (a name server that is
// gone costs half a minute and more), so it gets a thread of its own, which is left behind when the
// time is over: who asks for the same name meanwhile waits for its answer, and starts no other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"

namespace tcpwatch {

class NameLookup {
 public:
  // Blocks until `end` at most. Not empty if it is a result; an address is its own.
  Result<std::vector<std::string>> addresses_of(const std::string& host,
                                                std::chrono::steady_clock::time_point end);
  // Ends the waiting under way, and all later one.
  void cancel();

 private:
  struct Answer {
    std::vector<std::string> addresses;
    std::string error;
  };
  // What the threads left behind share with us; they outlive us.
  struct Questions {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, std::unique_ptr<Answer>> by_host;  // null: under way
    bool cancelled = false;
  };

  static Answer ask(const std::string& host);
  bool start_asking(const std::string& host);

  std::shared_ptr<Questions> questions_ = std::make_shared<Questions>();
};

}  // namespace tcpwatch
