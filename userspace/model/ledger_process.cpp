// SPDX-License-Identifier: Apache-2.0
//
// What /proc says of a worker.
#include "base/container.h"
#include "base/fixed_text.h"
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

}  // namespace tcpwatch
