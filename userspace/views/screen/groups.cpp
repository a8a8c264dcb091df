// SPDX-License-Identifier: Apache-2.0
#include "views/screen/groups.h"

#include <algorithm>
#include <array>
#include <map>

#include "views/fields.h"

namespace tcpwatch {
namespace {

void add_traffic(Traffic& sum, const Traffic& part) {
  sum.accepts += part.accepts;
  sum.connects += part.connects;
  sum.established_out += part.established_out;
  sum.closes += part.closes;
  for (std::size_t i = 0; i < sum.failures.size(); ++i) sum.failures[i] += part.failures[i];
  sum.turned_away += part.turned_away;
  for (std::size_t i = 0; i < sum.fd_refusals.size(); ++i)
    sum.fd_refusals[i] += part.fd_refusals[i];
  sum.connect.merge(part.connect);
  sum.failed.merge(part.failed);
  sum.kernel.merge(part.kernel);
  sum.accept_wait.merge(part.accept_wait);
}

double filled(const std::optional<Fds>& fds) {
  return fds && fds->limit != 0 ? static_cast<double>(fds->open) / fds->limit : -1;
}

// The median of a group is that of its member with the largest leak.
void add_leak(std::optional<CloseWaits>& sum, const CloseWaits& part) {
  const CloseWaits before = sum.value_or(CloseWaits{.exact = true});
  CloseWaits& leak = sum.emplace(before);
  leak.sockets += part.sockets;
  leak.exact = before.exact && part.exact;
  if (part.sockets > before.sockets) leak.median = part.median;
  if (before.sockets != 0 && part.oldest <= before.oldest) return;
  leak.oldest = part.oldest;
  leak.oldest_exact = part.oldest_exact;
  leak.peer = part.peer;
}

void add_facts(std::optional<SocketFacts>& sum, const std::optional<SocketFacts>& part) {
  if (!part) return;
  SocketFacts& facts = sum ? *sum : sum.emplace();
  facts.active += part->active;
  facts.idle += part->idle;
  facts.time_waits += part->time_waits;
  facts.fin_waits += part->fin_waits;
  if (part->waiting != 0 && (facts.waiting == 0 || part->waiting_since > facts.waiting_since)) {
    facts.waiting_since = part->waiting_since;
    facts.waiting_for = part->waiting_for;
  }
  facts.waiting += part->waiting;
  if (part->close_waits) add_leak(facts.close_waits, *part->close_waits);
}

void add_worker(Worker& sum, const Worker& member) {
  ++sum.id.start_ticks;
  sum.alive = sum.alive || member.alive;
  add_traffic(sum.delta, member.delta);
  // In unsigned arithmetic: a hostile capture's counts may overflow.
  for (std::size_t i = 0; i < sum.states.size(); ++i)
    sum.states[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum.states[i]) +
                                              static_cast<std::uint64_t>(member.states[i]));
  if (filled(member.fds) > filled(sum.fds)) sum.fds = member.fds;
  add_facts(sum.sockets, member.sockets);
  if (member.close_wait_slope)
    sum.close_wait_slope = sum.close_wait_slope.value_or(0) + *member.close_wait_slope;
}

std::vector<Field<Worker>> make_fields(Group group) {
  const auto known = worker_fields();
  std::vector<Field<Worker>> fields(known.begin(), known.end());
  for (Field<Worker>& field : fields) {
    if (field.name == "pid") {
      field.title = "PROCS";
      field.help = "processes of the group that have connections";
      field.value = [](const Worker& row, const Snapshot&) -> Value {
        return std::uint64_t{row.id.start_ticks};
      };
    } else if (field.name == "comm") {
      field.title = group == Group::kCgroup      ? "CGROUP"
                    : group == Group::kContainer ? "CONTAINER"
                                                 : "COMM";
      field.unit = group == Group::kCgroup ? Unit::kPath : Unit::kText;
      field.help = "name of the group";
      field.keep = 24;
    } else if (is_of_one_process(field.name)) {
      field.rank = kOnRequest;
      field.title = "";
    }
  }
  return fields;
}

}  // namespace

std::string group_of(const Worker& row, Group group) {
  std::string name = group == Group::kCgroup      ? row.cgroup
                     : group == Group::kContainer ? row.container.value_or("")
                                                  : row.comm;
  if (name.empty()) name = group == Group::kContainer ? "(no container)" : "(unknown)";
  return name;
}

std::string_view group_name(Group group) {
  constexpr std::array<std::string_view, 4> kNames{"process", "cgroup", "container", "comm"};
  return kNames[static_cast<std::size_t>(group)];
}

std::shared_ptr<const std::vector<Worker>> grouped(std::span<const Worker* const> workers,
                                                   Group group) {
  auto rows = std::make_shared<std::vector<Worker>>();
  std::map<std::string, std::size_t> places;
  for (const Worker* member : workers) {
    std::string name = group_of(*member, group);
    const auto [place, fresh] = places.try_emplace(name, rows->size());
    if (fresh) {
      rows->emplace_back().comm = std::move(name);
      rows->back().alive = false;
    }
    add_worker((*rows)[place->second], *member);
  }
  return rows;
}

bool is_of_one_process(std::string_view field) {
  constexpr std::array<std::string_view, 5> kOfOne{"container", "pod", "netns", "cgroup",
                                                   "cmdline"};
  return std::ranges::count(kOfOne, field) != 0;
}

std::span<const Field<Worker>> group_fields(Group group) {
  static const std::array kTables{make_fields(Group::kCgroup), make_fields(Group::kContainer),
                                  make_fields(Group::kComm)};
  return kTables[static_cast<std::size_t>(group) - 1];
}

}  // namespace tcpwatch
