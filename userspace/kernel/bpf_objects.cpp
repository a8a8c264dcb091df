// SPDX-License-Identifier: Apache-2.0
#include "kernel/bpf_objects.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "kernel/cgroup_root.h"
#include "kernel/jiffies.h"
#include "kernel/kernel_symbol.h"
#include "kernel/libbpf_log.h"
#include "kernel/refusals.h"
#include "kernel/run_program.h"
#include "kernel/skeleton.h"
#include "tcpwatch/flow_counts.h"

namespace tcpwatch {

struct BpfObjects::Object {
  tcpwatch_bpf* skeleton = nullptr;
  struct Attached {
    std::string program;
    bpf_link* link;
  };
  std::vector<Attached> links;

  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() {
    drop_links(0);
    tcpwatch_bpf__destroy(skeleton);
  }
  void drop_links(std::size_t keep) {
    while (links.size() > keep) {
      bpf_link__destroy(links.back().link);
      links.pop_back();
    }
  }
};

namespace {

bpf_program* find_program(const tcpwatch_bpf* skeleton, std::string_view name) {
  return bpf_object__find_program_by_name(skeleton->obj, std::string(name).c_str());
}

bpf_prog_info info_of(const bpf_program* program) {
  bpf_prog_info info{};
  __u32 size = sizeof(info);
  const int fd = program ? bpf_program__fd(program) : -1;
  if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size)) return {};
  return info;
}

// Of no tracepoint: user space runs them (run_program.h).
bool runs_when_asked(std::string_view section) {
  static constexpr std::array kSections = {"raw_tp/read_listeners", "raw_tp/sample_walk",
                                           "raw_tp/sort_notes"};
  return std::ranges::count(kSections, section) > 0;
}

bool wants(const std::vector<Trial*>& wanted, std::string_view program) {
  return std::ranges::any_of(wanted, [&](const Trial* trial) {
    return std::ranges::count(trial->candidate->programs, program) > 0;
  });
}

std::uint32_t closes_a_span(std::uint32_t most_closes) {
  const double spans = jiffies_per_second() / TW_TELLING_SPAN;  // in a second
  return static_cast<std::uint32_t>(std::ceil(most_closes / spans));
}

}  // namespace

std::uint32_t lanes_of_this_machine() {
  const int cpus = libbpf_num_possible_cpus();
  return std::bit_ceil(static_cast<std::uint32_t>(std::clamp(cpus, 1, TW_LANES_MAX)));
}

BpfObjects::BpfObjects(const TableSizes& sizes, const Telling& telling)
    : sizes_(sizes), telling_(telling) {}
BpfObjects::~BpfObjects() = default;

void BpfObjects::configure(tcpwatch_bpf& skeleton, const std::vector<Trial*>& wanted) {
  skeleton.rodata->config.detail = telling_.detail;
  skeleton.rodata->config.closes_a_span = closes_a_span(telling_.most_closes);
  skeleton.rodata->config.bucket_mask = sizes_.buckets - 1;
  skeleton.rodata->config.maker_mask = sizes_.makers - 1;
  skeleton.rodata->config.lane_mask = sizes_.lanes - 1;
  skeleton.rodata->config.ring_bytes = sizes_.ring_bytes;
  if (wants(wanted, "sweep_files_old"))
    skeleton.rodata->config.socket_file_ops = kernel_symbol("socket_file_ops");
  const auto& maps = skeleton.maps;
  if (!objects_.empty()) {
    const bpf_object* first = objects_.front()->skeleton->obj;
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, skeleton.obj) {
      const std::string_view name = bpf_map__name(map);
      if (!name.ends_with(".rodata"))
        bpf_map__reuse_fd(map, bpf_object__find_map_fd_by_name(first, bpf_map__name(map)));
    }
    return;
  }
  // Without compare-and-swap all sockets live in the hash map.
  const bool hash_only = !wants(wanted, "state_tp_btf");
  bpf_map__set_max_entries(maps.buckets, sizes_.buckets);
  bpf_map__set_max_entries(maps.spilled_socks, hash_only ? 8 * sizes_.buckets : sizes_.spilled);
  bpf_map__set_max_entries(maps.flows, sizes_.flows);
  bpf_map__set_max_entries(maps.flow_counts, sizes_.flows * sizes_.lanes);
  bpf_map__set_max_entries(maps.flow_index, sizes_.flows);
  bpf_map__set_max_entries(maps.free_flows, sizes_.flows);
  bpf_map__set_max_entries(maps.listeners, sizes_.listeners);
  bpf_map__set_max_entries(maps.free_listeners, sizes_.listeners);
  bpf_map__set_max_entries(maps.listener_of_port, sizes_.listeners);
  bpf_map__set_max_entries(maps.makers, sizes_.makers);
  bpf_map__set_max_entries(maps.maker_notes, sizes_.lanes);
  bpf_map__set_max_entries(maps.flow_samples, sizes_.flows);
  bpf_map__set_max_entries(maps.stories, sizes_.ring_bytes);
}

// Loads one object with all programs of `wanted`. False: one was refused, and is out of `wanted`.
bool BpfObjects::load(std::vector<Trial*>& wanted) {
  LibbpfLog log;
  auto object = std::make_unique<Object>();
  object->skeleton = tcpwatch_bpf__open();
  if (!object->skeleton) {
    const int error = errno;
    for (Trial* trial : wanted) trial->refusal = refused_open(error);
    wanted.clear();
    return false;
  }
  configure(*object->skeleton, wanted);
  for (const Trial* trial : wanted)
    for (std::string_view name : trial->candidate->programs)
      bpf_program__set_autoload(find_program(object->skeleton, name), true);
  const int result = tcpwatch_bpf__load(object->skeleton);
  if (result == 0) {
    objects_.push_back(std::move(object));
    if (objects_.size() == 1 && on_first_load_) on_first_load_();
    return true;
  }
  refuse_load(wanted, -result, log);
  return false;
}

std::optional<Refusal> BpfObjects::refuse_beforehand(const Candidate& candidate) {
  return refused_beforehand(candidate);
}

void BpfObjects::try_all(std::vector<Trial>& trials) {
  std::vector<Trial*> wanted;
  for (Trial& trial : trials) {
    // Without programs user space polls, or a program reads one field more: always possible.
    if (!trial.candidate->programs.empty()) wanted.push_back(&trial);
  }
  while (!wanted.empty() && !load(wanted)) {
  }
  if (wanted.empty()) return;
  Object& object = *objects_.back();
  for (Trial* trial : wanted) trial->refusal = attach(object, *trial->candidate);
}

std::optional<Refusal> BpfObjects::attach(Object& object, const Candidate& candidate) {
  LibbpfLog log;
  const std::size_t before = object.links.size();
  for (std::string_view name : candidate.programs) {
    auto refusal = attach_program(object, *find_program(object.skeleton, name));
    if (!refusal) continue;
    object.drop_links(before);
    for (std::string_view loaded : candidate.programs)
      bpf_program__unload(find_program(object.skeleton, loaded));
    return refusal;
  }
  return std::nullopt;
}

// What user space runs has nothing to attach to. Arguments with which it finds nothing to do.
std::optional<Refusal> BpfObjects::try_test_run(const bpf_program& program) const {
  std::array<std::uint64_t, 3> past_the_end{sizes_.listeners, 0, 0};
  std::uint32_t answer = 0;
  const int result = run_with(bpf_program__fd(&program), past_the_end, answer);
  if (result) return refused_attach(-result);
  if (answer) return refused_attach(EINVAL);
  return std::nullopt;
}

std::optional<Refusal> BpfObjects::attach_program(Object& object, bpf_program& program) {
  const std::string_view section = bpf_program__section_name(&program);
  if (runs_when_asked(section)) return try_test_run(program);
  bpf_link* link = nullptr;
  if (section.starts_with("cgroup/")) {
    if (!cgroup_root_) cgroup_root_ = open_cgroup_root();
    if (!cgroup_root_) return refused_cgroup(errno);
    link = bpf_program__attach_cgroup(&program, cgroup_root_.get());
  } else {
    link = bpf_program__attach(&program);
  }
  if (!link) return refused_attach(errno);
  object.links.push_back({bpf_program__name(&program), link});
  return std::nullopt;
}

int BpfObjects::map_fd(const char* name) const {
  return bpf_object__find_map_fd_by_name(objects_.front()->skeleton->obj, name);
}

bpf_program* BpfObjects::program(std::string_view name) const {
  for (const auto& object : objects_) {
    bpf_program* program = find_program(object->skeleton, name);
    if (program && bpf_program__fd(program) >= 0) return program;
  }
  return nullptr;
}

bool BpfObjects::look_again(std::string_view program) {
  if (this->program(program)) return false;
  objects_.front()->skeleton->bss->looking_again = 1;
  const Candidate candidate{.mechanism = "", .target = "", .programs = {program}, .note = ""};
  std::vector<Trial> trials = {{nullptr, &candidate, std::nullopt}};
  try_all(trials);
  return !trials.front().refusal;
}

void BpfObjects::measure_kernel_time() {
  objects_.front()->skeleton->bss->measuring_kernel_time = 1;
}

void BpfObjects::expect_connect_exit_hook() {
  objects_.front()->skeleton->bss->connect_exit_hook = 1;  // the objects share it
}

std::vector<bpf_link*> BpfObjects::links_of(std::string_view program_prefix) const {
  std::vector<bpf_link*> found;
  for (const auto& object : objects_)
    for (const auto& attached : object->links)
      if (attached.program.starts_with(program_prefix)) found.push_back(attached.link);
  return found;
}

tcpwatch_bpf* BpfObjects::object_with(std::initializer_list<std::string_view> programs) const {
  for (const auto& object : objects_)
    for (const std::string_view name : programs)
      if (bpf_program__fd(find_program(object->skeleton, name)) >= 0) return object->skeleton;
  return nullptr;
}

std::vector<RunStatistics> BpfObjects::costs() const {
  std::vector<RunStatistics> costs;
  for (const auto& object : objects_) {
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object->skeleton->obj) {
      const bpf_prog_info info = info_of(program);
      if (info.id == 0) continue;
      costs.push_back({bpf_program__name(program), info.run_cnt, info.run_time_ns});
    }
  }
  return costs;
}

std::uint64_t BpfObjects::skipped_runs(std::string_view name) const {
  return info_of(program(name)).recursion_misses;
}

}  // namespace tcpwatch
