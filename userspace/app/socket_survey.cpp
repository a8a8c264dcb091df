// SPDX-License-Identifier: Apache-2.0
#include "app/socket_survey.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "app/capability.h"
#include "base/clock.h"
#include "host/netns.h"
#include "host/netns_enter.h"
#include "host/proc_file.h"
#include "kernel/jiffies.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostSockets = 4'000'000;  // rows of --list; some 500 MB

// The calling thread's namespace has no TCP socket at all: looking through the kernel's table,
// which all namespaces share, would find nothing.
bool no_sockets() {
  std::string text;
  for (const char* file : {"/proc/thread-self/net/sockstat", "/proc/thread-self/net/sockstat6"}) {
    if (!read_file(file, text)) continue;
    const auto line = text.find("TCP");
    if (line == std::string::npos) continue;
    std::string_view words = std::string_view(text).substr(line);
    words = words.substr(0, words.find('\n'));
    while (!words.empty()) {
      const std::string_view word = take_word(words);
      if ((word == "inuse" || word == "tw") && take_word(words) != "0") return false;
    }
  }
  return true;
}

}  // namespace

SocketSurvey::SocketSurvey(const TableQuery& query, std::optional<NetnsRef> only,
                           std::unique_ptr<SocketTable> table)
    : query_(query),
      only_(std::move(only)),
      table_(std::move(table)),
      jiffies_per_second_(tcpwatch::jiffies_per_second()) {}

Result<std::unique_ptr<SocketSurvey>> SocketSurvey::open(const TableQuery& query,
                                                         std::optional<NetnsRef> only,
                                                         const TableLimits& limits) {
  auto table = SocketTable::load(query, limits);
  if (!table) return table.error();
  return std::unique_ptr<SocketSurvey>(new SocketSurvey(query, std::move(only), std::move(*table)));
}

// On the namespace's own thread.
Result<> SocketSurvey::read_inside(Gathered& gathered, std::uint32_t netns) {
  ++gathered.view.namespaces;
  if (no_sockets()) return Ok{};
  NetSysctls settings;
  if (query_.by == TW_BY_LISTENER || query_.by == TW_BY_DESTINATION) {
    settings = read_net_sysctls();
    gathered.settings[netns] = settings;
  }
  return table_->read_namespace(settings.port_low.value_or(0), settings.port_high.value_or(0),
                                [&](const tw_table_socket& socket) {
                                  if (gathered.sockets.size() < kMostSockets)
                                    gathered.sockets.push_back(socket);
                                  else
                                    gathered.view.complete = false;
                                });
}

Result<> SocketSurvey::read_namespaces(Gathered& gathered) {
  std::vector<NetnsRef> all;
  if (only_) {
    all.push_back(*only_);
  } else {
    NetnsScan scan = scan_netns("/proc", NetnsReader::default_mounts());
    all = std::move(scan.found);
    gathered.all_namespaces = scan.complete;
    gathered.hidden = scan.hidden;
  }
  const std::uint32_t own = netns_of_process(static_cast<std::uint32_t>(::getpid()));
  for (const NetnsRef& netns : all) {
    Result<> read = Ok{};
    const auto look = [&] { read = read_inside(gathered, netns.inode); };
    if (netns.inode == own) {
      look();
    } else if (const auto entered = in_netns(netns, look); !entered) {
      if (only_) return entered.error();
      // Gone since it was found; or a permission is missing, which the hint then says.
      if (!entered.error().hint.empty()) ++gathered.refused;
    }
    if (!read) return read.error();
  }
  return Ok{};
}

Result<SocketsView> SocketSurvey::take() {
  Gathered gathered;
  SocketsView& view = gathered.view;
  view.by = query_.by;
  view.jiffies_per_second = jiffies_per_second_;
  const std::uint64_t begin = monotonic_ns();
  view.realtime_ns = realtime_ns();
  std::array<char, 65> name{};
  ::gethostname(name.data(), name.size() - 1);
  view.host = name.data();

  table_->restart();
  const auto swept = table_->sweep_files(
      [&](const tw_table_holder& holder) { gathered.holders.push_back(holder); });
  if (!swept) return swept.error();
  gathered.all_files = *swept;
  const auto read = read_namespaces(gathered);
  if (!read) return read.error();
  std::copy_n(table_->run().states, TW_STATES, view.states.begin());
  add_states(gathered);
  add_processes(gathered);
  add_listeners(gathered);
  add_destinations(gathered, begin);
  add_sockets(gathered);
  add_notes(gathered);
  view.seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
  return std::move(view);
}

void SocketSurvey::add_states(Gathered& gathered) const {
  SocketsView& view = gathered.view;
  if (query_.by != TW_BY_STATE) return;
  const std::uint64_t all = total_of(view.states);
  for (std::uint32_t state = 0; state < TW_STATES; ++state)
    if (view.states[state] != 0)
      view.by_state.push_back({static_cast<tw_state>(state), view.states[state], all});
  std::ranges::stable_sort(view.by_state, std::greater(), &StateSockets::sockets);
}

void SocketSurvey::add_notes(Gathered& gathered) const {
  SocketsView& view = gathered.view;
  const tw_table_run& run = table_->run();
  const auto missing = [&](std::string note) {
    view.complete = false;
    view.notes.push_back(std::move(note));
  };
  if (gathered.refused != 0)
    missing(fmt::format("{} network namespaces are missing: entering them needs CAP_SYS_ADMIN",
                        gathered.refused));
  // With the capability some are hidden all the same, by whoever confines us: there is no remedy.
  if (gathered.hidden != 0 && !may_look_into_processes())
    missing(
        fmt::format("the network namespaces of {} processes are not known: that needs "
                    "CAP_SYS_PTRACE, and entering them CAP_SYS_ADMIN",
                    gathered.hidden));
  if (!gathered.all_namespaces)
    missing("more network namespaces or processes than are looked at: some may be missing");
  if (!gathered.all_files)
    missing(fmt::format("gave up after {} open files: owners beyond them are missing",
                        std::min(run.files, run.give_up)));
  std::uint64_t folded = 0;
  for (const std::uint32_t count : run.folded) folded += count;
  if (folded != 0) missing(fmt::format("{} sockets found no room for a row of theirs", folded));
  if (!view.complete && view.notes.empty()) missing("more sockets than are listed");
  if (gathered.accepted != 0)
    view.notes.push_back(
        fmt::format("{} more in TIME_WAIT were accepted by listeners that have closed since",
                    gathered.accepted));
  if (query_.by == TW_BY_PROCESS && view.states[TW_TIME_WAIT] != 0)
    view.notes.emplace_back(
        "the kernel knows no owner of TIME_WAIT: only a tracer that saw it being made does");
  if (query_.by == TW_BY_SOCKET)
    view.notes.emplace_back(
        "AGE is known only of connections that a running tracer saw begin; SINCE, the time in the "
        "state, only of TIME_WAIT and (since the peer's last segment) CLOSE_WAIT");
}

}  // namespace tcpwatch
