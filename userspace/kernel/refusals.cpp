// SPDX-License-Identifier: Apache-2.0
#include "kernel/refusals.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "base/unique_fd.h"

namespace tcpwatch {
namespace {

constexpr int kNotSupported = 524;  // the kernel's own ENOTSUPP, unknown to libc

std::string error_text(int error) {
  if (error == kNotSupported) return "not supported for this function (ENOTSUPP)";
  return std::strerror(error);
}

std::string remedy_for(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return "needs root or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; kernel lockdown may forbid it";
    case ENOENT:
      return "this kernel has no such function or hook";
    case ENOMEM:
      return "raise the memory limit (RLIMIT_MEMLOCK before 5.11, else the cgroup's)";
    default:
      return "";
  }
}

Refusal refuse(std::string_view when, int error) {
  return {std::string(when) + ": " + error_text(error), remedy_for(error)};
}

bool names(const Candidate& candidate, const std::string& program) {
  return std::ranges::count(candidate.programs, std::string_view(program)) > 0;
}

// The kernel forbids function tracing as a whole, whatever the function.
bool whole_mechanism(const Candidate& candidate, int error) {
  return error == EPERM && (candidate.mechanism == "fentry" || candidate.mechanism == "kprobe");
}

// Two instructions for a function that does not exist: a kernel that allows function tracing calls
// that invalid, one that forbids it as a whole says EPERM first. Saves a load of everything.
bool function_tracing_forbidden() {
  const bpf_insn instructions[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.expected_attach_type = BPF_TRACE_FENTRY;
  options.attach_btf_id = 1;
  const UniqueFd program(
      bpf_prog_load(BPF_PROG_TYPE_TRACING, "trial", "GPL", instructions, 2, &options));
  return !program && errno == EPERM;
}

// All our programs read kernel memory through a helper that lockdown=confidentiality takes away
// ("unknown function": EINVAL; without privilege it is EPERM, which is another matter).
bool kernel_reading_forbidden() {
  const auto set = [](int reg, int value) {
    return bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K,
                    .dst_reg = static_cast<__u8>(reg & 15),
                    .src_reg = 0,
                    .off = 0,
                    .imm = value};
  };
  const bpf_insn instructions[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10, .off = 0, .imm = 0},
      {.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .src_reg = 0, .off = 0, .imm = -8},
      set(2, 8),
      set(3, 0),
      {.code = BPF_JMP | BPF_CALL,
       .dst_reg = 0,
       .src_reg = 0,
       .off = 0,
       .imm = BPF_FUNC_probe_read_kernel},
      set(0, 0),
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  const UniqueFd program(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "trial", "GPL", instructions,
                                       std::size(instructions), nullptr));
  return !program && errno == EINVAL;
}

}  // namespace

std::optional<Refusal> refused_beforehand(const Candidate& candidate) {
  if (!candidate.programs.empty() && kernel_reading_forbidden())
    return Refusal{"BPF programs may not read kernel memory (lockdown=confidentiality)",
                   "boot with lockdown=integrity, or without lockdown"};
  if (candidate.mechanism == "fentry" && function_tracing_forbidden())
    return Refusal{"function tracing is not permitted (EPERM)",
                   "root, and a kernel that is not locked down"};
  if (candidate.mechanism == "kprobe" &&
      ::access("/sys/bus/event_source/devices/kprobe", F_OK) != 0)
    return Refusal{"no kprobes: the kernel was built without them (or /sys is not mounted)",
                   "a kernel with CONFIG_KPROBES"};
  if (candidate.mechanism == "tp" && ::access("/sys/kernel/tracing/events", F_OK) != 0 &&
      ::access("/sys/kernel/debug/tracing/events", F_OK) != 0)
    return Refusal{"tracefs is not mounted", "mount -t tracefs tracefs /sys/kernel/tracing"};
  return std::nullopt;
}

Refusal refused_open(int error) { return refuse("the BPF object cannot be opened", error); }
Refusal refused_attach(int error) { return refuse("attach refused", error); }

Refusal refused_cgroup(int error) {
  return {"no cgroup2 hierarchy: " + error_text(error), "mount -t cgroup2 none /sys/fs/cgroup"};
}

void refuse_load(std::vector<Trial*>& wanted, int error, const LibbpfLog& log) {
  const std::string program = log.failed_program();
  auto culprit = std::ranges::find_if(
      wanted, [&](const Trial* trial) { return names(*trial->candidate, program); });
  const bool known = culprit != wanted.end();
  const Candidate* blamed = known ? (*culprit)->candidate : nullptr;
  std::erase_if(wanted, [&](Trial* trial) {
    const bool out =
        !known || trial->candidate == blamed ||
        (whole_mechanism(*blamed, error) && trial->candidate->mechanism == blamed->mechanism);
    if (out) trial->refusal = refuse("load refused", error);
    return out;
  });
}

}  // namespace tcpwatch
