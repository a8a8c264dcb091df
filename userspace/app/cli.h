// SPDX-License-Identifier: Apache-2.0
//
// The command line: from argc and argv to an exit code of the contract. The only place that prints
// errors.
#pragma once

#include "base/result.h"

namespace tcpwatch {

int run(int argc, char** argv);

// "tcpwatch: what failed" and "hint: what to do", on standard error; its exit code.
int fail(const Error& error);

}  // namespace tcpwatch
