// SPDX-License-Identifier: Apache-2.0
//
// A hook that attaches and never fires must not be believed.
#include "kernel/support/expect.h"

namespace tcpwatch::test {
namespace {

// Hooks that exist on some kernel and never see what they are put in charge of: a SYN's drop is
// asked of what counts the drops of ACKs.
std::vector<Signal> plan_with_a_deaf_hook() {
  std::vector<Signal> plan = hook_plan();
  for (Signal& signal : plan)
    if (signal.name == "overflow_syn")
      signal.ladder = {{"fentry", "the wrong function", {"ack4_fentry"}, true, ""},
                       {"kprobe", "the wrong function", {"ack4_kprobe"}, true, ""},
                       {"tp_btf", "the wrong event", {"ack_kfree_skb"}, true, ""}};
  return plan;
}

TEST(SelfTest, DoesNotBelieveAHookThatStaysSilent) {
  const std::vector<Signal> plan = plan_with_a_deaf_hook();
  Watch watch(TracerOptions{.plan = &plan});
  const HookChoice* deaf = watch.hook("overflow_syn");
  ASSERT_TRUE(deaf);
  EXPECT_FALSE(deaf->exact);
  for (const HookChoice& hook : watch.look().hooks) {
    if (!hook.chosen) continue;
    EXPECT_EQ(hook.note.find("silent") != std::string::npos, hook.signal == "overflow_syn")
        << hook.signal << ": " << hook.note;
  }
}

}  // namespace
}  // namespace tcpwatch::test
