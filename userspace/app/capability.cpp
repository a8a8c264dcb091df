// SPDX-License-Identifier: Apache-2.0
#include "app/capability.h"

#include <cap-ng.h>
#include <linux/capability.h>

namespace tcpwatch {

bool may_look_into_processes() {
  return capng_get_caps_process() == 0 &&
         capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_PTRACE) != 0;
}

}  // namespace tcpwatch
