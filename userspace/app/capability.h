// SPDX-License-Identifier: Apache-2.0
//
// What the calling process may do, where /proc alone does not say why it keeps something back.
#pragma once

namespace tcpwatch {

// CAP_SYS_PTRACE: descriptors, namespaces and wait channels of other users' processes.
bool may_look_into_processes();

}  // namespace tcpwatch
