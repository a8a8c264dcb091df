// SPDX-License-Identifier: Apache-2.0
//
// A machine on which all goes wrong at once, so that every rule finds something: what the tests of
// sight and of the screen look at.
#pragma once

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {

// The rows as they are all the time; a test may change them.
void prepare_disaster(Ward& ward);
// Eight seconds of it.
void strike(Ward& ward);

}  // namespace tcpwatch::test
