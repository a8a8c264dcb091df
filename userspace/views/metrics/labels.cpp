// SPDX-License-Identifier: Apache-2.0
#include "views/metrics/labels.h"

#include "views/metrics/metric_writer.h"

namespace tcpwatch {

Labelled labelled(const Worker& worker, const MetricsOptions& options) {
  if (!options.pids) return {{}, worker.comm, ""};
  return {worker.id, worker.comm, std::to_string(worker.id.pid)};
}

// Workers are sorted by pid.
Labelled labelled(const Snapshot& snapshot, const WorkerId& id, const MetricsOptions& options) {
  std::size_t low = 0;
  for (std::size_t high = snapshot.workers.size(); low < high;) {
    const std::size_t middle = (low + high) / 2;
    if (snapshot.workers[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < snapshot.workers.size() && snapshot.workers[low].id == id)
    return labelled(snapshot.workers[low], options);
  return {{}, kOther, ""};
}

Labelled nobody() { return {{}, kNobody, ""}; }

std::string netns_label(std::uint32_t netns, const MetricsOptions& options) {
  return netns == options.netns || netns == 0 ? "" : std::to_string(netns);
}

std::string listener_labels(const Listener& listener, const MetricsOptions& options) {
  return label_text(
      {{"listener", listener.address}, {"netns", netns_label(listener.netns, options)}});
}

std::string destination_labels(const Destination& destination, const MetricsOptions& options) {
  return label_text(
      {{"destination", destination.address}, {"netns", netns_label(destination.netns, options)}});
}

}  // namespace tcpwatch
