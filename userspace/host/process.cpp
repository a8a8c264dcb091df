// SPDX-License-Identifier: Apache-2.0
#include "host/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <memory>
#include <utility>

#include "base/fixed_text.h"
#include "base/unique_fd.h"
#include "base/worker.h"
#include "events/make.h"
#include "host/proc_file.h"
#include "host/process_text.h"

namespace tcpwatch {
namespace {

// The directory of a process stays that process's: reads through it fail once it has ended, even
// when another process has got its pid.
UniqueFd open_process(const std::string& proc, std::uint32_t pid) {
  const std::string path = proc + "/" + std::to_string(pid);
  return UniqueFd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool is_procfs(const std::string& path) {
  struct statfs facts{};
  return ::statfs(path.c_str(), &facts) == 0 && facts.f_type == PROC_SUPER_MAGIC;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::uint32_t count_entries(int parent, const char* name) {
  UniqueFd fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return TW_UNKNOWN;
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(fd.get()));
  if (!directory) return TW_UNKNOWN;
  fd.release();  // the DIR has it now
  std::uint32_t count = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

void set_ended(tw_process& process) {
  process.alive = 0;
  process.fds_open = TW_UNKNOWN;
  process.fds_limit = TW_UNKNOWN;
}

}  // namespace

ProcessReader::ProcessReader(std::string proc)
    : proc_(std::move(proc)), directory_has_size_(is_procfs(proc_)) {}

std::optional<ProcessStat> ProcessReader::read_stat(int directory) {
  if (!read_file_at(directory, "stat", buffer_)) return std::nullopt;
  return parse_process_stat(buffer_);
}

void ProcessReader::read_descriptors(int directory, tw_process& process) {
  struct stat facts{};
  const bool sized = directory_has_size_ && ::fstatat(directory, "fd", &facts, 0) == 0;
  process.fds_open = sized && facts.st_size > 0 ? static_cast<std::uint32_t>(facts.st_size)
                                                : count_entries(directory, "fd");
  const bool known = read_file_at(directory, "limits", buffer_);
  process.fds_limit = known ? parse_open_files_limit(buffer_).value_or(TW_UNKNOWN) : TW_UNKNOWN;
}

void ProcessReader::read_names(int directory, tw_process& process) {
  // Twice the room: what is kept may be less than what is read (joined, cut at a character).
  if (read_file_at(directory, "cmdline", buffer_, 2 * sizeof process.cmdline)) {
    set_text(process.cmdline, joined_cmdline(buffer_));
  }
  if (read_file_at(directory, "cgroup", buffer_)) {
    set_text(process.cgroup, fit_cgroup(choose_cgroup(buffer_), sizeof process.cgroup - 1));
  }
}

std::optional<tw_process> ProcessReader::read(std::uint32_t pid, std::uint64_t time_ns) {
  const UniqueFd directory = open_process(proc_, pid);
  if (!directory) return std::nullopt;
  const std::optional<ProcessStat> stat = read_stat(directory.get());
  if (!stat) return std::nullopt;
  auto process = new_record<tw_process>(time_ns);
  process.worker = make_worker(pid, stat->start_ticks);
  set_text(process.comm, stat->comm);
  process.alive = stat->alive;
  read_names(directory.get(), process);
  read_descriptors(directory.get(), process);
  if (!stat->alive) set_ended(process);
  return process;
}

tw_process ProcessReader::read_worker(tw_worker worker, std::uint64_t time_ns) {
  const auto process = read(worker_pid(worker), time_ns);
  if (process && process->worker == worker) return *process;
  auto ended = new_record<tw_process>(time_ns);
  ended.worker = worker;
  set_ended(ended);
  return ended;
}

void ProcessReader::refresh(tw_process& process, std::uint64_t time_ns) {
  process.header.time = time_ns;
  const std::uint32_t pid = worker_pid(process.worker);
  const UniqueFd directory = open_process(proc_, pid);
  const auto stat = directory ? read_stat(directory.get()) : std::nullopt;
  if (!stat || !stat->alive || make_worker(pid, stat->start_ticks) != process.worker) {
    return set_ended(process);
  }
  process.alive = 1;
  if (utf8_prefix(stat->comm, TW_COMM - 1) != text_of(process.comm)) {
    set_text(process.comm, stat->comm);
    read_names(directory.get(), process);
  }
  read_descriptors(directory.get(), process);
}

bool ProcessReader::alive(tw_worker worker) {
  const UniqueFd directory = open_process(proc_, worker_pid(worker));
  const auto stat = directory ? read_stat(directory.get()) : std::nullopt;
  return stat && stat->alive && make_worker(worker_pid(worker), stat->start_ticks) == worker;
}

}  // namespace tcpwatch
