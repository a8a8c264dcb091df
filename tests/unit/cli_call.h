// SPDX-License-Identifier: Apache-2.0
//
// The program called in this process, with its words, as a user calls it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/cli.h"

namespace tcpwatch::test {

struct Answer {
  int code;
  std::string out;
  std::string err;
};

inline Answer call(std::vector<std::string> words) {
  words.insert(words.begin(), "tcpwatch");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run(static_cast<int>(argv.size()), argv.data());
  const std::string out = testing::internal::GetCapturedStdout();
  return {code, out, testing::internal::GetCapturedStderr()};
}

}  // namespace tcpwatch::test
