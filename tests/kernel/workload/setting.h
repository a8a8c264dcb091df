// SPDX-License-Identifier: Apache-2.0
//
// A sysctl of a namespace, changed for as long as the object lives.
#pragma once

#include <string>

#include "kernel/workload/netns.h"

namespace tcpwatch::workload {

class Setting {
 public:
  Setting(const Netns& netns, const std::string& name, const std::string& value)
      : netns_(netns), name_(name), before_(netns.sysctl(name)) {
    netns_.set_sysctl(name_, value);
  }
  ~Setting() { netns_.set_sysctl(name_, before_); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const Netns& netns_;
  std::string name_;
  std::string before_;
};

}  // namespace tcpwatch::workload
