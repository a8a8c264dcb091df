// SPDX-License-Identifier: Apache-2.0
//
// dump(): every field of a snapshot as text, for the tests that compare snapshots.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "model_stream.h"

namespace tcpwatch::test {
namespace {

std::string text(const Histogram& histogram) {
  std::string out = fmt::format("({} {:a}", histogram.count(), histogram.sum());
  for (const auto& cell : histogram.cells()) out += fmt::format(" {}:{}", cell.bucket, cell.count);
  return out + ")";
}

std::string text(const Traffic& traffic) {
  return fmt::format("[{} {} {} {} {} {} {} {} {} {} {}]", traffic.accepts, traffic.connects,
                     traffic.established_out, traffic.closes, traffic.turned_away,
                     fmt::join(traffic.failures, ","), fmt::join(traffic.fd_refusals, ","),
                     text(traffic.connect), text(traffic.failed), text(traffic.kernel),
                     text(traffic.accept_wait));
}

std::string text(const States& states) { return fmt::format("<{}>", fmt::join(states, ",")); }

std::string text(const tw_netns& netns) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {}", netns.header.time, netns.netns,
                     netns.time_wait, netns.active_opens, netns.passive_opens, netns.attempt_fails,
                     netns.estab_resets, netns.listen_overflows, netns.listen_drops,
                     netns.reqq_full_drop, netns.cookies_sent, netns.cookies_received,
                     netns.cookies_failed, netns.out_no_routes);
}

std::string text(const std::optional<double>& value) {
  return value ? fmt::format("{:a}", *value) : "-";
}

std::string text(const std::optional<SocketFacts>& facts) {
  if (!facts) return "{-}";
  std::string out =
      fmt::format("{{{} {} {} {:a} '{}' {} {}", facts->active, facts->idle, facts->waiting,
                  facts->waiting_since, facts->waiting_for, facts->time_waits, facts->fin_waits);
  if (const auto& leak = facts->close_waits)
    out += fmt::format(" {} {:a} {:a} {} {} '{}'", leak->sockets, leak->oldest, leak->median,
                       leak->exact, leak->oldest_exact, leak->peer);
  out += fmt::format(" {} {:a}", facts->slow, facts->slow_since);
  if (const auto& from = facts->arrivals)
    out += fmt::format(" {} {} {}", from->sockets, from->cpu, from->on_cpu);
  return out + "}";
}

std::string text(const std::optional<Ports>& ports) {
  if (!ports) return "(-)";
  return fmt::format("({} {} {} {} {} {})", ports->used, ports->available.value_or(0),
                     ports->reusable, ports->time_waits, ports->sources, text(ports->exhausted_in));
}

std::string text(const Sample& sample) {
  return fmt::format("sample {:a} {:a} {:a} {} {} {} {} {}\n", sample.age, sample.interval,
                     sample.cost, sample.sockets, sample.time_waits, sample.strangers,
                     sample.fin_waits, sample.whole);
}

std::string text(const std::vector<StepCount>& steps) {
  std::string out;
  for (const auto& [step, count] : steps) out += fmt::format("{}:{},", step, count);
  return out;
}

std::string text(const Worker& worker) {
  const std::string fds =
      worker.fds ? fmt::format("{}/{}", worker.fds->open, worker.fds->limit) : "-";
  return fmt::format("worker {}.{} '{}' '{}' '{}' '{}' {} {} {} {} {} {} {} {} {}\n", worker.id.pid,
                     worker.id.start_ticks, worker.comm, worker.cmdline, worker.cgroup,
                     worker.container.value_or("-"), worker.netns, worker.alive, text(worker.total),
                     text(worker.delta), text(worker.states), fds, text(worker.sockets),
                     text(worker.close_wait_slope), text(worker.steps_delta));
}

std::string text(const AcceptRoute& row) {
  return fmt::format("accept_routes {}.{} {} {} {}\n", row.worker.pid, row.worker.start_ticks,
                     row.address, row.netns, row.accepts);
}

std::string text(const Listener& row) {
  return fmt::format(
      "listener {} {} {} '{}' {} {} {} {} {} {} {} {} {} {} {}/{} {}/{} {} {} {} {} {}\n",
      row.address, row.port, row.netns, row.comm, fmt::join(row.owners, ","),
      row.reuseport_group.value_or(0), row.queue_now, row.queue_peak, row.queue_limit,
      row.listen_backlog.value_or(0), row.somaxconn, row.syn_queue, row.accepts_total,
      row.accepts_delta, row.overflows_total.syn, row.overflows_total.ack, row.overflows_delta.syn,
      row.overflows_delta.ack, row.other_drops_delta, row.overflows_exact, row.closed,
      text(row.accept_wait_delta), text(row.sockets));
}

std::string text(const Route& row) {
  return fmt::format("route {}.{} {} {} {}\n", row.worker.pid, row.worker.start_ticks,
                     text(*row.total), text(*row.delta),
                     row.sockets ? text(std::optional(*row.sockets)) : "");
}

std::string text(const Destination& row) {
  std::string out = fmt::format("destination {} {} {} {} {} {} {} {}\n", row.address, row.netns,
                                fmt::join(row.workers, ","), text(row.total), text(row.delta),
                                text(row.states), text(row.sockets), text(row.ports));
  for (const Route& route : row.routes) out += text(route);
  return out;
}

std::string text(const HookChoice& row) {
  return fmt::format("hook {} {} '{}' '{}' {} {} {}\n", row.signal, row.mechanism, row.target,
                     row.note, row.order, row.chosen, row.exact);
}

std::string text(const Netns& row) {
  std::string out = fmt::format("netns {} {} / {}", row.inode, text(row.total), text(row.delta));
  if (const auto& tracking = row.conntrack)
    out += fmt::format(" {} of {}, {} {}", tracking->count, tracking->max, tracking->dropped_delta,
                       tracking->early_dropped_delta);
  return out + "\n";
}

std::string text(const tw_nginx& told) {
  return fmt::format("{} {} {} {} {} {} {}", told.accepts, told.handled, told.requests, told.active,
                     told.reading, told.writing, told.waiting);
}

std::string text(const Server& row) {
  return fmt::format("server {} {} {} / {}\n", row.address, row.netns, text(row.total),
                     text(row.delta));
}

std::string text(const Activity& seen) {
  return fmt::format(
      "activity {} {} {} '{}' {:a} {:a} {:a} {}/{} {:a} '{}' {} {} {} {} '{}' {:a} {}\n", seen.pid,
      seen.parent, seen.state, seen.wait_channel, seen.looked, seen.ran, seen.waited,
      seen.throttled, seen.periods, seen.limit, seen.group, seen.cpu, seen.cpus, seen.runnable,
      seen.rival, seen.rival_comm, seen.rival_share, seen.rival_realtime);
}

std::string text(const Steering& row) {
  return fmt::format("steering {} {} {}/{} {} {} {} '{}'\n", row.netns, row.cpu,
                     row.packets_cpu_delta, row.packets_delta, row.queues, row.unspread, row.to_cpu,
                     row.queue);
}

std::string text(const Loss& loss) {
  return fmt::format("{} {} {}", loss.events, loss.folded, loss.untracked);
}

template <typename Rows>
std::string texts(const Rows& rows) {
  std::string out;
  for (const auto& row : rows) out += text(row);
  return out;
}

}  // namespace

std::string dump(const Snapshot& all) {
  std::string out = fmt::format("{} {:a} {} {} {}\n", all.realtime_ns, all.interval, all.host,
                                all.kernel, all.version);
  out += fmt::format("{}\n{}\n{} {}\n", text(all.total), text(all.delta), text(all.states),
                     all.time_wait.value_or(-1));
  out += fmt::format("{} {} {} {}\n", all.overflows_total.syn, all.overflows_total.ack,
                     all.overflows_delta.syn, all.overflows_delta.ack);
  out += fmt::format("{}\n{}\n", fmt::join(all.steps_total, ","), fmt::join(all.steps_delta, ","));
  out += fmt::format("unowned {} {} {}\n", text(all.unowned.total), text(all.unowned.delta),
                     text(all.unowned.states));
  out += texts(all.workers) + texts(all.listeners) + texts(all.destinations) +
         texts(all.accept_routes) + texts(all.netns) + texts(all.servers) + texts(all.activities) +
         texts(all.steering) + texts(all.hooks);
  return out + fmt::format("{} / {}\n", text(all.lost_total), text(all.lost_delta)) +
         (all.sample ? text(*all.sample) : "") +
         (all.own_cpu ? fmt::format("own {}\n", *all.own_cpu) : "");
}

TEST(ModelDump, TellsSnapshotsApart) {
  Stream stream;
  Slot slot(3, flow_key(TW_ROLE_OUT, make_worker(42, 1), "10.0.0.5:6379"));
  stream.send(slot.connect());
  const std::string before = dump(*stream.tick());
  EXPECT_NE(before, dump(*stream.tick()));
}

}  // namespace tcpwatch::test
