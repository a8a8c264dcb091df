// SPDX-License-Identifier: Apache-2.0
#include "app/agent/privileges.h"

#include <cap-ng.h>
#include <sys/prctl.h>

#include <array>
#include <memory>

namespace tcpwatch {
namespace {

struct Needed {
  unsigned number;
  const char* name;
};

// Reading maps and running iterators; the second look, which is attached when the kernel has
// skipped a run; namespaces, which are entered; other processes' descriptors and names.
constexpr std::array kNeeded{
    Needed{CAP_BPF, "bpf"},
    Needed{CAP_PERFMON, "perfmon"},
    Needed{CAP_SYS_ADMIN, "sys_admin"},
    Needed{CAP_SYS_PTRACE, "sys_ptrace"},
    Needed{CAP_DAC_READ_SEARCH, "dac_read_search"},
    Needed{CAP_NET_ADMIN, "net_admin"},
};

}  // namespace

// libcap-ng keeps its state per thread.
void give_up_all_capabilities() {
  capng_clear(CAPNG_SELECT_BOTH);
  (void)capng_apply(CAPNG_SELECT_CAPS);
  (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

Result<std::string> keep_needed_capabilities() {
  if (capng_get_caps_process() != 0)
    return Error{ErrorKind::kCannotTell, "cannot read the capabilities of this process", ""};
  std::string kept;
  std::array<bool, kNeeded.size()> held{};
  for (std::size_t i = 0; i < kNeeded.size(); ++i)
    held[i] = capng_have_capability(CAPNG_EFFECTIVE, kNeeded[i].number) != 0;
  capng_clear(CAPNG_SELECT_BOTH);
  for (std::size_t i = 0; i < kNeeded.size(); ++i) {
    if (!held[i]) continue;
    kept += (kept.empty() ? "" : " ") + std::string(kNeeded[i].name);
    capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                 kNeeded[i].number);
  }
  if (capng_apply(CAPNG_SELECT_CAPS) != 0)
    return Error{ErrorKind::kCannotTell, "cannot give up capabilities", ""};
  (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return kept.empty() ? std::string("none") : kept;
}

}  // namespace tcpwatch
