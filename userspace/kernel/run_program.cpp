// SPDX-License-Identifier: Apache-2.0
#include "kernel/run_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kBucketsPerRun = 1 << 14;  // of 262,144 on a large machine

}  // namespace

Error refused_program(const char* what, int error) {
  if (error == EPERM)  // EACCES is the verifier's
    return {ErrorKind::kCannotTell, fmt::format("{}: {}", what, std::strerror(error)),
            "run tcpwatch as root (it needs CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN for other "
            "namespaces)"};
  return {ErrorKind::kCannotTell, fmt::format("{}: {}", what, std::strerror(error)),
          "BPF iterators need Linux 5.10 or later with BTF (/sys/kernel/btf/vmlinux); "
          "lockdown=confidentiality leaves only --by state"};
}

int run_with(int program_fd, std::span<std::uint64_t> arguments, std::uint32_t& answer) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.ctx_in = arguments.data();
  options.ctx_size_in = static_cast<std::uint32_t>(arguments.size_bytes());
  const int result = bpf_prog_test_run_opts(program_fd, &options);
  answer = options.retval;
  return result;
}

bool run_iterator(const bpf_link& link) {
  const UniqueFd iterator(bpf_iter_create(bpf_link__fd(&link)));
  if (!iterator) return false;
  errno = 0;
  // The programs write nothing; one read may cover only a part.
  std::array<char, 256> nothing;
  while (::read(iterator.get(), nothing.data(), nothing.size()) > 0 || errno == EAGAIN) errno = 0;
  return true;
}

Result<> walk_buckets(int program_fd, std::uint64_t first, std::uint64_t count) {
  std::array<std::uint64_t, 2> arguments{first, count};
  std::uint32_t answer = 0;
  const int result = run_with(program_fd, arguments, answer);
  if (result) return refused_program("cannot walk the table of connections", -result);
  if (answer) return refused_program("the table of connections is not as expected", EINVAL);
  return Ok{};
}

Result<> walk_all(int program_fd, std::uint64_t buckets) {
  Result<> walked = Ok{};
  for (std::uint64_t at = 0; walked && at < buckets; at += kBucketsPerRun)
    walked = walk_buckets(program_fd, at, kBucketsPerRun);
  return walked;
}

}  // namespace tcpwatch
