// SPDX-License-Identifier: Apache-2.0
//
// Golden files: what a view prints is compared with tests/golden/NAME. TCPWATCH_UPDATE_GOLDEN=1
// writes them instead; look at the difference before you commit it. Tests run from the source root.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#ifndef TCPWATCH_GOLDEN_DIR
#define TCPWATCH_GOLDEN_DIR "tests/golden"
#endif

namespace tcpwatch::test {

inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(TCPWATCH_GOLDEN_DIR) + "/" + name;
  if (std::getenv("TCPWATCH_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing: run from the source root; "
                    << "TCPWATCH_UPDATE_GOLDEN=1 writes it";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(golden.str(), text) << "differs from " << path;
}

}  // namespace tcpwatch::test
