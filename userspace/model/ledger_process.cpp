// SPDX-License-Identifier: Apache-2.0
//
// What /proc says of a worker, and where one is that has no connection yet.
#include "base/container.h"
#include "base/fixed_text.h"
#include "base/worker.h"
#include "model/ledger.h"

namespace tcpwatch {
namespace {

std::optional<Fds> fds_of(const tw_process& process) {
  if (process.fds_open == TW_UNKNOWN || process.fds_limit == TW_UNKNOWN) return std::nullopt;
  return Fds{process.fds_open, process.fds_limit};
}

// A process that has ended says no more: what it said before stands.
void take(std::string& kept, std::string_view said) {
  if (!said.empty() && kept != said) kept = said;
}

}  // namespace

void Ledger::on_process(const tw_process& process) {
  const bool alive = process.alive != 0;
  if (process.worker == 0) return;
  WorkerRow* row = workers_.find(process.worker);
  if (!row && alive) row = worker_row(process.worker, process.header.time);
  if (!row) return;
  Worker& worker = row->about;
  take(worker.comm, text_of(process.comm));
  take(worker.cmdline, text_of(process.cmdline));
  const std::string_view cgroup = text_of(process.cgroup);
  if (!cgroup.empty() && cgroup != worker.cgroup) {
    worker.cgroup = cgroup;
    const auto container = container_of(cgroup);
    worker.container = container ? std::optional(container->id) : std::nullopt;
  }
  worker.fds = fds_of(process);
  row->changed = true;
  if (row->tenure.alive && !alive && row->tenure.flows == 0)
    workers_.idle(row->tenure, process.header.time);
  row->tenure.alive = alive;
  worker.alive = alive;
}

void Ledger::place(tw_worker worker, std::uint32_t netns) {
  WorkerRow* row = worker != 0 ? workers_.find(worker) : nullptr;
  if (!row || row->about.netns != 0 || netns == 0) return;
  row->about.netns = netns;
  row->changed = true;
}

WorkerRow* Ledger::row_of_pid(std::uint32_t pid) {
  const auto found = workers_.from(make_worker(pid, 0));
  return found != workers_.end() && worker_pid(found->first) == pid ? &found->second : nullptr;
}

void Ledger::place_child(std::uint32_t pid, std::uint32_t parent) {
  const WorkerRow* from = row_of_pid(parent);
  const WorkerRow* child = from ? row_of_pid(pid) : nullptr;
  if (child)
    place(make_worker(child->about.id.pid, child->about.id.start_ticks), from->about.netns);
}

}  // namespace tcpwatch
