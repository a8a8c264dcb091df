// SPDX-License-Identifier: Apache-2.0
//
// What each HTML report carries along: its one script and its one style, as they were when the
// program was built (userspace/views/page/, third_party/uplot/), and their hashes for the page's
// Content-Security-Policy.
#pragma once

#include <span>
#include <string_view>

namespace tcpwatch {

struct PagePart {
  std::span<const std::string_view> pieces;  // in a row
  std::string_view hash;                     // "sha256-…" of all of them
};

const PagePart& page_script();
const PagePart& page_style();

}  // namespace tcpwatch
