// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "app/cgroup_members.h"
#include "app/cli.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/replay_options.h"
#include "app/socket_replay.h"
#include "app/socket_survey.h"
#include "app/stop.h"
#include "base/names.h"

namespace tcpwatch {
namespace {

struct SocketsOptions {
  std::string by = "state";
  std::vector<std::string> states;
  bool list = false;
  std::string watch;  // empty: once
  std::string idle = "1m";
  ReplayOptions replay;
};

constexpr std::array kBy = {TW_BY_STATE, TW_BY_PROCESS, TW_BY_LISTENER, TW_BY_DESTINATION};

// What iterators can find: half-open requests count as SYN_RECV; CLOSE is in no table of the kernel
// and is found through the files of processes alone, if it is asked for.
constexpr std::uint32_t kUsualStates = ~(1U << TW_CLOSE);

Result<std::uint32_t> states_of(const std::vector<std::string>& names) {
  if (names.empty()) return kUsualStates;
  std::uint32_t states = 0;
  for (const std::string& name : names) {
    const auto state = state_by_name(name);
    if (!state)
      return Error{ErrorKind::kUsage, fmt::format("--state: there is no state '{}'", name),
                   "one of ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, "
                   "CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING"};
    states |= 1U << (*state == TW_NEW_SYN_RECV ? TW_SYN_RECV : *state);
  }
  return states;
}

Result<tw_table_by> by_of(const SocketsOptions& sockets) {
  if (sockets.list) return TW_BY_SOCKET;
  for (const tw_table_by by : kBy)
    if (sockets.by == by_name(by)) return by;
  return Error{ErrorKind::kUsage, fmt::format("--by: there is no table by '{}'", sockets.by),
               "one of state, process, listener, destination; or --list for a row per socket"};
}

struct Plan {
  TableQuery query;
  std::optional<NetnsRef> netns;
  std::optional<std::chrono::nanoseconds> watch;
};

Result<Plan> plan_of(const Options& options, const SocketsOptions& sockets) {
  Plan plan;
  const auto by = by_of(sockets);
  if (!by) return by.error();
  const auto states = states_of(sockets.states);
  if (!states) return states.error();
  const auto filter = filter_of(options);
  if (!filter) return filter.error();
  const auto idle = positive_duration("--idle", sockets.idle);
  if (!idle) return idle.error();
  if (!sockets.watch.empty()) {
    const auto watch = positive_duration("--watch", sockets.watch);
    if (!watch) return watch.error();
    plan.watch = *watch;
  }
  if (options.netns != "all") {
    auto netns = find_netns(options.netns);
    if (!netns) return netns.error();
    plan.query.netns = netns->inode;
    plan.netns = std::move(*netns);
  }
  plan.query.by = *by;
  plan.query.states = *states;
  plan.query.port = options.port.value_or(0);
  plan.query.pids = options.pids;
  if (!filter->cgroup.empty()) {
    plan.query.pids = pids_in_cgroup(filter->cgroup, options.pids);
    if (plan.query.pids.empty())
      return Error{ErrorKind::kUsage,
                   fmt::format("--cgroup: there is no such process in {}", filter->cgroup),
                   "`cat /proc/PID/cgroup` shows the path of a process"};
  }
  plan.query.comm = options.comm;
  plan.query.idle = std::chrono::duration<double>(*idle).count();
  return plan;
}

// False: it is time to end.
bool wait(const UniqueFd& stop, std::chrono::nanoseconds duration) {
  pollfd descriptor{stop.get(), POLLIN, 0};
  const timespec timeout{static_cast<time_t>(duration.count() / 1'000'000'000),
                         static_cast<long>(duration.count() % 1'000'000'000)};
  return ::ppoll(&descriptor, 1, &timeout, nullptr) == 0;
}

std::string picture(const SocketsView& view, const Options& options) {
  if (options.json) return sockets_json(view) + "\n";
  SocketsStyle style;
  style.width = Output::width();
  style.palette = use_color(options) ? Palette::kAnsi : Palette::kPlain;
  return sockets_text(view, style);
}

int run_replay(const Options& options, const SocketsOptions& sockets) {
  SocketReplay wanted{.replay = sockets.replay};
  const auto by = by_of(sockets);
  if (!by) return fail(by.error());
  wanted.by = *by;
  const auto states = states_of(sockets.states);
  if (!states) return fail(states.error());
  wanted.states = *states;
  if (!sockets.watch.empty()) {
    const auto watch = positive_duration("--watch", sockets.watch);
    if (!watch) return fail(watch.error());
    wanted.watch = *watch;
  }
  wanted.picture = [&](const SocketsView& view) { return picture(view, options); };
  return replay_sockets(options, wanted);
}

int run_sockets(const Options& options, const SocketsOptions& sockets) {
  if (sockets.replay.wanted()) return run_replay(options, sockets);
  const auto plan = plan_of(options, sockets);
  if (!plan) return fail(plan.error());
  const auto stop = take_stop_signals();
  if (!stop) return fail(stop.error());
  const auto survey = SocketSurvey::open(plan->query, plan->netns);
  if (!survey) return fail(survey.error());
  Output output;
  for (bool first = true;; first = false) {
    const auto view = (*survey)->take();
    if (!view) return fail(view.error());
    const bool gap = !first && !options.json;
    if (!output.write((gap ? "\n" : "") + picture(*view, options))) break;
    if (!plan->watch || !wait(*stop, *plan->watch)) break;
  }
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

}  // namespace

void declare_sockets(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand(
      "sockets", "one snapshot of the socket table: instead of `ss -ant | awk`, `ss -antp`");
  auto sockets = std::make_shared<SocketsOptions>();
  command->add_option("--by", sockets->by, "rows: state, process, listener or destination")
      ->type_name("WHAT")
      ->capture_default_str();
  command->add_flag("--list", sockets->list, "a row per socket, like `ss -antp`");
  command->add_option("--state", sockets->states, "only sockets in these states")
      ->type_name("STATE,…")
      ->delimiter(',');
  auto* idle =
      command->add_option("--idle", sockets->idle, "no data for this long makes a connection idle");
  idle->type_name("DUR")->capture_default_str();
  command->add_option("--watch", sockets->watch, "again and again, after this time")
      ->type_name("DUR");
  add_filter_options(*command, options);
  add_replay_options(*command, sockets->replay);
  command->get_option("--replay")->excludes(idle);  // recorded are those of a minute
  add_output_options(*command, options);
  command->callback([&options, &chosen, sockets] {
    chosen = [&options, sockets] { return run_sockets(options, *sockets); };
  });
}

}  // namespace tcpwatch
