// SPDX-License-Identifier: Apache-2.0
#include "views/metrics/metrics.h"

#include "views/metrics/gauges.h"

namespace tcpwatch {
namespace {

void write_programs(MetricWriter& out, const std::vector<AgentFacts::Program>& programs) {
  if (programs.empty()) return;
  const auto labels = [](const AgentFacts::Program& program) {
    return label_text({{"program", program.name}});
  };
  out.family("tcpwatch_bpf_run_seconds", MetricType::kCounter,
             "Time inside the BPF program; there while kernel.bpf_stats_enabled is 1.");
  for (const auto& program : programs) out.sample(labels(program), program.seconds);
  out.family("tcpwatch_bpf_runs", MetricType::kCounter, "Runs of the BPF program, likewise.");
  for (const auto& program : programs) out.sample(labels(program), program.runs);
}

void write_services(MetricWriter& out, const std::vector<AgentFacts::Service>& services) {
  std::string_view name;
  for (const AgentFacts::Service& service : services) {
    if (service.name != name) out.family(name = service.name, service.type, service.help);
    out.sample(service.labels, service.value);
  }
}

void write_process(MetricWriter& out, const AgentFacts::Process& process) {
  const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
    out.family(name, MetricType::kGauge, help);
    out.sample("", value);
  };
  out.family("process_cpu_seconds", MetricType::kCounter, "CPU time of tcpwatch, user and system.");
  out.sample("", process.cpu_seconds);
  gauge("process_start_time_seconds", "When tcpwatch started, since the epoch.",
        process.start_time);
  gauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes);
  gauge("process_virtual_memory_bytes", "Virtual memory.", process.virtual_bytes);
  gauge("process_open_fds", "Open descriptors.", process.open_fds);
  gauge("process_max_fds", "Limit of descriptors.", process.max_fds);
  gauge("process_threads", "Threads.", process.threads);
}

}  // namespace

void Metrics::add(std::shared_ptr<const Snapshot> snapshot, const Findings& findings) {
  counters_.add(*snapshot);
  last_ = std::move(snapshot);
  findings_ = findings;
}

void Metrics::write(MetricWriter& out, const AgentFacts& facts) {
  counters_.write(out);
  write_worker_gauges(out, *last_, counters_);
  write_place_gauges(out, *last_, counters_);
  write_servers(out, *last_);
  write_findings(out, findings_);
  write_hooks(out, *last_);
  write_programs(out, facts.programs);
  write_services(out, facts.services);
  out.family("tcpwatch_folded_series", MetricType::kCounter,
             "Label sets that found no room and were added to process=\"other\" (--max-series).");
  out.sample("", static_cast<std::uint64_t>(counters_.folded().count()));
  if (facts.process) write_process(out, *facts.process);
}

}  // namespace tcpwatch
