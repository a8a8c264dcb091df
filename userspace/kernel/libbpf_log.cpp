// SPDX-License-Identifier: Apache-2.0
#include "kernel/libbpf_log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>

namespace tcpwatch {
namespace {

// libbpf has one print function for the process; loading happens on one thread at a time.
LibbpfLog* listening = nullptr;
constexpr std::size_t kMost = 65536;  // verifier logs can be megabytes

__attribute__((format(printf, 2, 0))) int print(enum libbpf_print_level level, const char* format,
                                                va_list arguments) {
  if (level == LIBBPF_DEBUG || !listening) return 0;
  char message[4096];
  std::vsnprintf(message, sizeof(message), format, arguments);
  listening->take(message);
  return 0;
}

}  // namespace

LibbpfLog::LibbpfLog() : outer_(listening) {
  listening = this;
  libbpf_set_print(print);
}

LibbpfLog::~LibbpfLog() { listening = outer_; }

void LibbpfLog::take(const char* message) {
  if (text_.size() < kMost) text_ += message;
}

std::string LibbpfLog::failed_program() const {
  static constexpr std::string_view kMark = "prog '";
  const auto begin = text_.rfind(kMark);
  if (begin == std::string::npos) return {};
  const auto name = begin + kMark.size();
  const auto end = text_.find('\'', name);
  return end == std::string::npos ? std::string() : text_.substr(name, end - name);
}

}  // namespace tcpwatch
