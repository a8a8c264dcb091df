// SPDX-License-Identifier: Apache-2.0
//
// Takes the terminal as `tcpwatch top` does, and throws: run.py looks at what is left behind.
#include <cstdio>
#include <stdexcept>

#include "app/cli.h"
#include "views/screen/terminal.h"

namespace {

void draw_and_throw() {
  const auto terminal = tcpwatch::Terminal::open(true);
  if (!terminal) throw std::runtime_error(terminal.error().message);
  tcpwatch::Frame frame((*terminal)->width(), (*terminal)->height());
  frame.put(0, 0, "drawn");
  (*terminal)->show(frame);
  throw std::runtime_error("thrown on purpose");
}

}  // namespace

int main() {
  try {
    draw_and_throw();
  } catch (const std::exception& error) {
    return tcpwatch::fail({tcpwatch::ErrorKind::kInputOutput, error.what(), ""});
  }
  return 0;
}
