// SPDX-License-Identifier: Apache-2.0
//
// Loads and attaches BPF programs: the real Prober. Each round of trials is one object; the objects
// share the maps of the first. A refused program takes only its candidate down. Everything
// detaches when this goes, or when the process ends in any way (nothing is pinned).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "kernel/hook_plan.h"

struct bpf_link;
struct bpf_program;
struct tcpwatch_bpf;

namespace tcpwatch {

std::uint32_t lanes_of_this_machine();  // as many as CPUs, up to TW_LANES_MAX

struct TableSizes {
  std::uint32_t buckets = 8192;  // of eight sockets; a power of two
  std::uint32_t spilled = 16384;
  std::uint32_t flows = 4096;
  std::uint32_t lanes = lanes_of_this_machine();  // of a flow's counters; a power of two
  std::uint32_t listeners = 1024;
  std::uint32_t makers = 16384;        // buckets of seven TIME_WAIT each; a power of two
  std::uint32_t ring_bytes = 1 << 20;  // a power of two
};

// Which stories the programs tell.
struct Telling {
  std::uint32_t detail = 0;       // TW_DETAIL_… bits
  std::uint32_t most_closes = 0;  // by each CPU in a second; 0: all
};

// Cost of one program as the kernel's run statistics have it (while they are enabled).
struct RunStatistics {
  std::string name;
  std::uint64_t runs = 0;
  std::uint64_t nanoseconds = 0;
};

class BpfObjects : public Prober {
 public:
  BpfObjects(const TableSizes& sizes, const Telling& telling);
  ~BpfObjects() override;
  BpfObjects(const BpfObjects&) = delete;
  BpfObjects& operator=(const BpfObjects&) = delete;

  std::optional<Refusal> refuse_beforehand(const Candidate& candidate) override;
  void try_all(std::vector<Trial>& trials) override;

  // Called once, when the maps exist and nothing is attached yet.
  void on_first_load(std::function<void()> callback) { on_first_load_ = std::move(callback); }
  int map_fd(const char* name) const;
  // The program, if it was loaded by an accepted candidate.
  bpf_program* program(std::string_view name) const;
  // Attaches a second look behind its first one. False: refused, or attached already.
  bool look_again(std::string_view program);
  // From now on the time until the SYN is taken from the socket.
  void measure_kernel_time();
  // From now on failed connects without a SYN wait for the errno that the exit hook tells.
  void expect_connect_exit_hook();
  // The links of a program (an iterator is opened through its link).
  std::vector<bpf_link*> links_of(std::string_view program_prefix) const;
  // The object that one of these programs was loaded with, for its variables; null: none was.
  tcpwatch_bpf* object_with(std::initializer_list<std::string_view> programs) const;
  std::vector<RunStatistics> costs() const;
  // How often the kernel did not start the program because it was running already on that CPU.
  // 0 where it does not tell (before 5.12).
  std::uint64_t skipped_runs(std::string_view program) const;

 private:
  struct Object;

  bool load(std::vector<Trial*>& wanted);
  std::optional<Refusal> attach(Object& object, const Candidate& candidate);
  std::optional<Refusal> attach_program(Object& object, bpf_program& program);
  std::optional<Refusal> try_test_run(const bpf_program& program) const;
  void configure(tcpwatch_bpf& skeleton, const std::vector<Trial*>& wanted);

  TableSizes sizes_;
  Telling telling_;
  UniqueFd cgroup_root_;
  std::function<void()> on_first_load_;
  std::vector<std::unique_ptr<Object>> objects_;
};

}  // namespace tcpwatch
