// SPDX-License-Identifier: Apache-2.0
//
// TCP scenarios of known outcome, for tests that count what the kernel does. Each scenario is a
// function (or an object with steps) that makes connections between processes of its own in a
// network namespace of its own and hands back an Outcome: the processes, alive and parked, with
// what each counted for itself, and the growth of the kernel's counters. The test attaches its
// tracer before, asks it while the processes live, and after Outcome::release().
// No scenario touches the machine's own network. Needs root; nothing but libc and the kernel.
#pragma once

#include "kernel/workload/churn.h"
#include "kernel/workload/failing.h"
#include "kernel/workload/lasting.h"
#include "kernel/workload/limits.h"
#include "kernel/workload/overflow.h"
#include "kernel/workload/serving.h"
#include "kernel/workload/special.h"
