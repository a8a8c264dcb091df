// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <set>

#include "base/names.h"

namespace tcpwatch {
namespace {

TEST(Names, States) {
  EXPECT_EQ(state_name(TW_ESTABLISHED), "ESTABLISHED");
  EXPECT_EQ(state_name(TW_CLOSE_WAIT), "CLOSE_WAIT");
  EXPECT_EQ(state_name(TW_FIN_WAIT2), "FIN_WAIT2");
  EXPECT_EQ(state_name(TW_CLOSING), "CLOSING");
  EXPECT_EQ(state_name(TW_NEW_SYN_RECV), "NEW_SYN_RECV");
  EXPECT_EQ(state_name(TW_STATES), "OTHER");
  EXPECT_EQ(state_name(0xffffffff), "OTHER");
}

TEST(Names, StatesHaveTheKernelsNumbers) {
  EXPECT_EQ(int{TW_ESTABLISHED}, int{TCP_ESTABLISHED});
  EXPECT_EQ(int{TW_SYN_SENT}, int{TCP_SYN_SENT});
  EXPECT_EQ(int{TW_SYN_RECV}, int{TCP_SYN_RECV});
  EXPECT_EQ(int{TW_FIN_WAIT1}, int{TCP_FIN_WAIT1});
  EXPECT_EQ(int{TW_FIN_WAIT2}, int{TCP_FIN_WAIT2});
  EXPECT_EQ(int{TW_TIME_WAIT}, int{TCP_TIME_WAIT});
  EXPECT_EQ(int{TW_CLOSE}, int{TCP_CLOSE});
  EXPECT_EQ(int{TW_CLOSE_WAIT}, int{TCP_CLOSE_WAIT});
  EXPECT_EQ(int{TW_LAST_ACK}, int{TCP_LAST_ACK});
  EXPECT_EQ(int{TW_LISTEN}, int{TCP_LISTEN});
  EXPECT_EQ(int{TW_CLOSING}, int{TCP_CLOSING});
}

TEST(Names, StatesAreFound) {
  for (std::uint32_t state = TW_ESTABLISHED; state < TW_STATES; ++state) {
    EXPECT_EQ(state_by_name(state_name(state)), static_cast<tw_state>(state));
  }
  EXPECT_EQ(state_by_name("established"), TW_ESTABLISHED);
  EXPECT_EQ(state_by_name("estab"), TW_ESTABLISHED);
  EXPECT_EQ(state_by_name("Close-Wait"), TW_CLOSE_WAIT);
  EXPECT_EQ(state_by_name("fin-wait-1"), TW_FIN_WAIT1);
  EXPECT_EQ(state_by_name("FIN_WAIT_2"), TW_FIN_WAIT2);
  EXPECT_EQ(state_by_name("closed"), TW_CLOSE);
  for (const char* name : {"", "OUTSIDE", "OTHER", "ESTABLISHE", "ESTABLISHEDX", "1"}) {
    EXPECT_FALSE(state_by_name(name)) << name;
  }
}

TEST(Names, Reasons) {
  EXPECT_EQ(reason_name(TW_REASON_EADDRNOTAVAIL), "EADDRNOTAVAIL");
  EXPECT_EQ(reason_name(TW_REASON_ABANDONED), "ABANDONED");
  EXPECT_EQ(reason_name(TW_REASON_UNKNOWN), "UNKNOWN");
  EXPECT_EQ(reason_name(TW_REASON_OTHER), "OTHER");
  EXPECT_EQ(reason_name(TW_REASONS - 1), "OTHER");
  std::set<std::string_view> names;
  for (std::uint32_t reason = 0; reason <= TW_REASON_OTHER; ++reason) {
    EXPECT_EQ(reason_by_name(reason_name(reason)), static_cast<tw_reason>(reason));
    names.insert(reason_name(reason));
  }
  EXPECT_EQ(names.size(), TW_REASON_OTHER + 1u);
  EXPECT_EQ(reason_by_name("etimedout"), TW_REASON_ETIMEDOUT);
  EXPECT_FALSE(reason_by_name("EWHATEVER"));
}

TEST(Names, ReasonsAreNamedLikeTheirErrno) {
  constexpr std::pair<int, tw_reason> kSame[] = {{EADDRNOTAVAIL, TW_REASON_EADDRNOTAVAIL},
                                                 {ETIMEDOUT, TW_REASON_ETIMEDOUT},
                                                 {ECONNREFUSED, TW_REASON_ECONNREFUSED},
                                                 {EHOSTUNREACH, TW_REASON_EHOSTUNREACH},
                                                 {ENETUNREACH, TW_REASON_ENETUNREACH},
                                                 {ECONNRESET, TW_REASON_ECONNRESET},
                                                 {EPERM, TW_REASON_EPERM},
                                                 {EACCES, TW_REASON_EACCES},
                                                 {EINVAL, TW_REASON_EINVAL},
                                                 {ENOBUFS, TW_REASON_ENOBUFS},
                                                 {EADDRINUSE, TW_REASON_EADDRINUSE}};
  for (const auto& [error, reason] : kSame) {
    EXPECT_EQ(error_name(static_cast<std::uint32_t>(error)), reason_name(reason));
  }
}

TEST(Names, Errors) {
  EXPECT_EQ(error_name(EHOSTDOWN), "EHOSTDOWN");
  EXPECT_EQ(error_name(0), "errno 0");
  EXPECT_EQ(error_name(512), "errno 512");
  EXPECT_EQ(error_name(0xffffffff), "errno 4294967295");
}

TEST(Names, Roles) {
  for (std::uint32_t role = TW_ROLE_OUT; role < TW_ROLES; ++role) {
    EXPECT_EQ(role_by_name(role_name(role)), static_cast<tw_role>(role));
  }
  EXPECT_EQ(role_name(TW_ROLE_LISTEN), "listen");
  EXPECT_EQ(role_name(0), "OTHER");
}

TEST(Names, Kinds) {
  EXPECT_EQ(kind_name(TW_KIND_DROPS), "drops");
  EXPECT_EQ(kind_name(TW_KIND_LISTENER_GONE), "listener-gone");
  EXPECT_EQ(kind_name(TW_KIND_TICK), "tick");
  EXPECT_EQ(kind_name(0), "OTHER");
  EXPECT_EQ(kind_name(TW_KIND_LIMIT), "OTHER");
}

TEST(Names, Steps) {
  EXPECT_EQ(step_name(TW_STEP_ESTABLISHED_CLOSE_WAIT), "ESTABLISHED>CLOSE_WAIT");
  EXPECT_EQ(step_name(TW_STEP_OTHER), "OTHER");
  for (std::uint32_t step = 0; step < TW_STEP_OTHER; ++step) {
    const auto [from, to] = kSteps[step];
    EXPECT_EQ(step_of(from, to), static_cast<tw_step>(step));
    EXPECT_EQ(step_name(step), std::string(state_name(from)) + ">" + std::string(state_name(to)));
  }
  EXPECT_EQ(step_of(TW_LISTEN, TW_ESTABLISHED), TW_STEP_OTHER);
  EXPECT_EQ(step_of(99, 99), TW_STEP_OTHER);
}

}  // namespace
}  // namespace tcpwatch
