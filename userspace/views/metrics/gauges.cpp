// SPDX-License-Identifier: Apache-2.0
#include "views/metrics/gauges.h"

#include <fmt/format.h>

#include "base/names.h"
#include "views/coverage.h"

namespace tcpwatch {
namespace {

template <typename Value>
void tell(MetricWriter& out, std::string_view name, std::string_view help,
          const SeriesTable<Value>& table) {
  out.family(name, MetricType::kGauge, help);
  table.each([&](const std::string& labels, const auto& value) { out.sample(labels, value); });
}

std::string worker_labels(const Labelled& who, std::string_view state = {}) {
  return label_text({{"process", who.process}, {"pid", who.pid}, {"state", state}});
}

}  // namespace

void write_worker_gauges(MetricWriter& out, const Snapshot& snapshot, Counters& counters) {
  const MetricsOptions& options = counters.options();
  using Table = SeriesTable<std::uint64_t>;
  const auto table = [&](std::string_view name) {
    return Table(name, options.max_series, counters.folded());
  };
  Table connections = table("connections");
  Table idle = table("connections_idle");
  Table waiting = table("connections_waiting");
  Table open = table("open_fds");
  Table limit = table("max_fds");
  SeriesTable<double> oldest("close_wait_oldest", options.max_series, counters.folded());
  const auto add_state = [&](const Labelled& who, std::uint32_t state, std::uint64_t sockets) {
    if (sockets == 0) return;
    const std::string_view name = state_name(state);
    connections.at(worker_labels(who, name), who.owner(),
                   label_text({{"process", kOther}, {"state", name}})) += sockets;
  };
  const auto add_states = [&](const Labelled& who, const States& states) {
    for (std::uint32_t state = 0; state < TW_STATES; ++state)
      add_state(who, state, static_cast<std::uint64_t>(std::max<std::int64_t>(states[state], 0)));
  };
  for (const Worker& worker : snapshot.workers) {
    if (!worker.alive) continue;
    const Labelled who = labelled(worker, options);
    const std::string labels = worker_labels(who);
    add_states(who, worker.states);
    if (worker.fds) {
      open.at(labels, who.owner(), kOthers) += worker.fds->open;
      limit.at(labels, who.owner(), kOthers) += worker.fds->limit;
    }
    if (!worker.sockets) continue;
    add_state(who, TW_TIME_WAIT, worker.sockets->time_waits);
    idle.at(labels, who.owner(), kOthers) += worker.sockets->idle;
    waiting.at(labels, who.owner(), kOthers) += worker.sockets->waiting;
    double& age = oldest.at(labels, who.owner(), kOthers);
    if (worker.sockets->close_waits) age = std::max(age, worker.sockets->close_waits->oldest);
  }
  add_states(nobody(), snapshot.unowned.states);
  if (snapshot.sample) add_state(nobody(), TW_TIME_WAIT, snapshot.sample->strangers);
  tell(out, "tcpwatch_connections", "Sockets now in each state; TIME_WAIT by who made it.",
       connections);
  tell(out, "tcpwatch_connections_idle", "Established connections without data for a minute.",
       idle);
  tell(out, "tcpwatch_connections_waiting",
       "Established outbound connections that have sent and never received.", waiting);
  tell(out, "tcpwatch_close_wait_oldest_seconds",
       "Age of the oldest socket in CLOSE_WAIT; 0: there is none.", oldest);
  tell(out, "tcpwatch_open_fds", "Open descriptors of the worker.", open);
  tell(out, "tcpwatch_max_fds", "Its limit of descriptors.", limit);
}

void write_findings(MetricWriter& out, const Findings& findings) {
  std::map<std::string, std::uint64_t> active;
  std::array<std::uint64_t, 3> counts{};
  for (const Finding& finding : findings) {
    ++counts[static_cast<std::size_t>(finding.severity)];
    active[label_text({{"id", finding.id},
                       {"severity", severity_name(finding.severity)},
                       {"process", finding.subject.comm}})] = 1;
  }
  out.family("tcpwatch_finding_active", MetricType::kGauge,
             "1 while the finding holds; see docs/findings.");
  for (const auto& [labels, value] : active) out.sample(labels, value);
  out.family("tcpwatch_findings", MetricType::kGauge, "Findings that hold now.");
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kCritical})
    out.sample(label_text({{"severity", severity_name(severity)}}),
               counts[static_cast<std::size_t>(severity)]);
}

void write_servers(MetricWriter& out, const Snapshot& snapshot) {
  if (snapshot.servers.empty()) return;
  const auto each = [&](const auto& tell) {
    for (const Server& server : snapshot.servers) tell(server, Label{"server", server.address});
  };
  out.family("tcpwatch_nginx_connections", MetricType::kGauge,
             "Connections by what nginx does with them (stub_status).");
  each([&](const Server& server, const Label& address) {
    out.sample(label_text({address, {"state", "reading"}}), std::uint64_t{server.total.reading});
    out.sample(label_text({address, {"state", "writing"}}), std::uint64_t{server.total.writing});
    out.sample(label_text({address, {"state", "waiting"}}), std::uint64_t{server.total.waiting});
  });
  out.family("tcpwatch_nginx_accepts", MetricType::kCounter, "Connections that nginx accepted.");
  each([&](const Server& server, const Label& address) {
    out.sample(label_text({address}), std::uint64_t{server.total.accepts});
  });
  out.family("tcpwatch_nginx_handled", MetricType::kCounter,
             "Of them, those that found a free slot; the others were closed at once.");
  each([&](const Server& server, const Label& address) {
    out.sample(label_text({address}), std::uint64_t{server.total.handled});
  });
}

void write_hooks(MetricWriter& out, const Snapshot& snapshot) {
  out.family("tcpwatch_build_info", MetricType::kGauge, "The running tcpwatch and its kernel.");
  out.sample(label_text({{"version", snapshot.version}, {"kernel", snapshot.kernel}}),
             std::uint64_t{1});
  out.family("tcpwatch_hook_info", MetricType::kGauge,
             "What watches each signal; exact=\"false\": figures of this signal are estimated.");
  const Coverage coverage(snapshot);
  for (const SignalCoverage& signal : coverage.signals())
    out.sample(label_text({{"signal", signal.signal},
                           {"hook", signal.hook ? hook_text(*signal.hook) : "none"},
                           {"exact", signal.quality == Quality::kExact ? "true" : "false"}}),
               std::uint64_t{1});
  out.family("tcpwatch_lost_events", MetricType::kCounter,
             "Stories that the ring buffer had no room for; counters are not concerned.");
  out.sample("", snapshot.lost_total.events);
  out.family("tcpwatch_untold_closes", MetricType::kCounter,
             "Ends of connections above capture.max-closes: counted, but not kept for captures.");
  out.sample("", snapshot.lost_total.untold);
  out.family("tcpwatch_untracked_sockets", MetricType::kCounter,
             "Sockets that found no room in the table of sockets.");
  out.sample("", snapshot.lost_total.untracked);
}

}  // namespace tcpwatch
