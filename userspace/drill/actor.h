// SPDX-License-Identifier: Apache-2.0
//
// The processes of a drill, seen from inside its namespaces: how they begin, wait and give up. Only
// for the first process of a stage and its children.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace tcpwatch {

void name_process(const char* name);

// Its pid: a child process called "drill-ROLE" that never returns from `body`.
pid_t start_actor(const std::string& role, const std::function<void()>& body);

// Says why on standard error and ends this process; the stage ends with its first one.
[[noreturn]] void give_up(const std::string& why);
// If `result` is negative: gives up with the errno.
int must(int result, const char* what);

void sleep_ms(int milliseconds);
[[noreturn]] void sleep_forever();

// Of this process and its children to come; never above what the user may have.
void limit_descriptors(unsigned limit);
void write_setting(const std::string& name, const std::string& value);  // net.ipv4.…

}  // namespace tcpwatch
