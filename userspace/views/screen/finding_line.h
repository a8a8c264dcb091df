// SPDX-License-Identifier: Apache-2.0
//
// A finding as the screen shows it. The rules of diagnosis are not built yet: the list that the
// screen is given is empty until then.
#pragma once

#include <cstdint>
#include <string>

namespace tcpwatch {

struct FindingLine {
  enum class Severity : std::uint8_t { kInfo, kWarning, kCritical };
  Severity severity = Severity::kInfo;
  std::string id;
  std::string summary;
  std::string subject;
  std::string evidence;
  std::string next_step;
};

}  // namespace tcpwatch
