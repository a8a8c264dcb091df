// SPDX-License-Identifier: Apache-2.0
//
// What doctor can find, a drill can make: one for each, of the same name.
#include <gtest/gtest.h>

#include "diagnosis/finding_ids.h"
#include "drill/scenario.h"

namespace tcpwatch::test {
namespace {

TEST(DrillTable, HasEachFindingOnce) {
  for (const std::string_view id : finding_ids()) EXPECT_TRUE(scenario_of(id)) << id;
  EXPECT_EQ(scenarios().size(), finding_ids().size());
}

}  // namespace
}  // namespace tcpwatch::test
