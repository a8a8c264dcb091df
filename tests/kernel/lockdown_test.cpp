// SPDX-License-Identifier: Apache-2.0
//
// A kernel that takes the probe-read helpers away is told as such; every other one is watched.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "kernel/support/watch.h"

namespace tcpwatch::test {
namespace {

TEST(Lockdown, StartsOrSaysWhyNot) {
  const char* mode = std::getenv("TCPWATCH_TEST_LOCKDOWN");
  const bool forbidden = mode && std::string_view(mode) == "confidentiality";
  TracerOptions options;
  options.denied = denied_by_environment();
  const auto tracer = Tracer::start(options);
  ASSERT_EQ(static_cast<bool>(tracer), !forbidden);
  if (!forbidden) return;
  EXPECT_EQ(tracer.error().kind, ErrorKind::kCannotTell);
  EXPECT_NE(tracer.error().message.find("lockdown=confidentiality"), std::string::npos);
  EXPECT_FALSE(tracer.error().hint.empty());
}

}  // namespace
}  // namespace tcpwatch::test
