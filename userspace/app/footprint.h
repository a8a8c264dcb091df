// SPDX-License-Identifier: Apache-2.0
//
// Memory that is not needed any more goes back: what malloc keeps, and the pages of the program
// file that only the start has used. They are read again from the page cache should they be needed.
#pragma once

namespace tcpwatch {

void shrink_footprint();

}  // namespace tcpwatch
