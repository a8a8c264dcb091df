// SPDX-License-Identifier: Apache-2.0
//
// Gauges of addresses: listeners and destinations.
#include <map>
#include <optional>

#include "views/metrics/gauges.h"

namespace tcpwatch {
namespace {

// What an address's gauges say. Of an SO_REUSEPORT group the fullest member speaks.
struct Queue {
  std::uint64_t length = 0;
  std::uint64_t limit = 0;
  std::uint64_t syn = 0;

  bool fuller_than(const Queue& other) const {
    return length * (other.limit + 1) > other.length * (limit + 1);
  }
};

void tell_queues(MetricWriter& out, const Snapshot& snapshot, Counters& counters) {
  const MetricsOptions& options = counters.options();
  SeriesTable<std::optional<Queue>> queues("accept_queue", options.max_series, counters.folded());
  for (const Listener& listener : snapshot.listeners) {
    if (listener.closed) continue;
    auto& shown = queues.at(listener_labels(listener, options), {}, R"(listener="other")");
    const Queue queue{listener.queue_now, listener.queue_limit, listener.syn_queue};
    if (!shown || queue.fuller_than(*shown)) shown = queue;
  }
  const auto tell = [&](std::string_view name, std::string_view help, const auto& value) {
    out.family(name, MetricType::kGauge, help);
    queues.each([&](const std::string& labels, const std::optional<Queue>& queue) {
      out.sample(labels, static_cast<std::uint64_t>(value(labels, *queue)));
    });
  };
  tell("tcpwatch_accept_queue_length",
       "Connections that wait for accept(); of a SO_REUSEPORT group, in the fullest queue.",
       [](const std::string&, const Queue& queue) { return queue.length; });
  tell("tcpwatch_accept_queue_peak", "The most that waited, within the last minute at most.",
       [&](const std::string& labels, const Queue& queue) {
         return std::max<std::uint64_t>(counters.peak(labels), queue.length);
       });
  tell("tcpwatch_accept_queue_limit", "The queue is full at limit + 1.",
       [](const std::string&, const Queue& queue) { return queue.limit; });
  tell("tcpwatch_syn_queue_length", "Half-open requests.",
       [](const std::string&, const Queue& queue) { return queue.syn; });
}

void tell_ports(MetricWriter& out, const Snapshot& snapshot, Counters& counters) {
  const MetricsOptions& options = counters.options();
  SeriesTable<const Ports*> ports("source_ports", options.max_series, counters.folded());
  for (const Destination& destination : snapshot.destinations) {
    if (!destination.ports) continue;
    auto& shown = ports.at(destination_labels(destination, options), {}, R"(destination="other")");
    if (!shown || destination.ports->used > shown->used) shown = &*destination.ports;
  }
  const auto tell = [&](std::string_view name, std::string_view help, const auto& value) {
    out.family(name, MetricType::kGauge, help);
    ports.each([&](const std::string& labels, const Ports* of) {
      if (const auto number = value(*of)) out.sample(labels, *number);
    });
  };
  tell("tcpwatch_source_ports_used",
       "Source ports in use towards the destination, on the local address that uses most.",
       [](const Ports& of) { return std::optional(of.used); });
  tell("tcpwatch_source_ports_available", "Source ports that there are, by the port range.",
       [](const Ports& of) { return of.available; });
  tell("tcpwatch_source_ports_exhausted_in_seconds",
       "Until no source port is left, at the present rate; absent: not in sight.",
       [](const Ports& of) { return of.exhausted_in; });
}

void tell_time_waits(MetricWriter& out, const Snapshot& snapshot, Counters& counters) {
  const MetricsOptions& options = counters.options();
  SeriesTable<std::uint64_t> table("time_wait", options.max_series, counters.folded());
  for (const Destination& destination : snapshot.destinations)
    for (const Route& route : destination.routes) {
      if (route.time_waits() == 0) continue;
      table.at(label_text({{"process", labelled(snapshot, route.worker, options).process},
                           {"destination", destination.address},
                           {"netns", netns_label(destination.netns, options)}}),
               {}, kOthers) += route.time_waits();
    }
  out.family("tcpwatch_time_wait", MetricType::kGauge,
             "Sockets in TIME_WAIT towards a destination, by the process that made them.");
  table.each([&](const std::string& labels, std::uint64_t count) { out.sample(labels, count); });
}

}  // namespace

void write_place_gauges(MetricWriter& out, const Snapshot& snapshot, Counters& counters) {
  tell_queues(out, snapshot, counters);
  tell_ports(out, snapshot, counters);
  tell_time_waits(out, snapshot, counters);
}

}  // namespace tcpwatch
