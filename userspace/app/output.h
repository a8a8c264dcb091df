// SPDX-License-Identifier: Apache-2.0
//
// Standard output of the commands: whole pieces, flushed, with the terminal's width; an error (a
// full disk, a pipe whose reader has gone) ends the session quietly or with a message.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace tcpwatch {

class Output {
 public:
  Output();
  // False once writing has failed. A terminal without Unicode gets ASCII.
  bool write(std::string_view text);
  // A closed pipe is a way to say "enough", no error.
  Result<> result() const;
  // Of the terminal; 100 columns when standard output is none (COLUMNS wins).
  static std::size_t width();

 private:
  int error_ = 0;
  bool ascii_ = false;
};

}  // namespace tcpwatch
