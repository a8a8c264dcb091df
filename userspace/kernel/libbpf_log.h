// SPDX-License-Identifier: Apache-2.0
//
// What libbpf says while we try programs: kept for the refusal's reason instead of printed, since
// a refused candidate is no error. While one lives, libbpf's messages (process-wide) go to it.
#pragma once

#include <string>

namespace tcpwatch {

class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  // The program that libbpf named last, and its last words on it: the one that failed.
  std::string failed_program() const;
  const std::string& text() const { return text_; }
  void take(const char* message);

 private:
  LibbpfLog* outer_;
  std::string text_;
};

}  // namespace tcpwatch
