// SPDX-License-Identifier: Apache-2.0
#include "views/coverage.h"
#include "views/field_values.h"
#include "views/json_values.h"
#include "views/probe.h"

namespace tcpwatch {
namespace {

// `note_key`: what the hook's note is called here.
void write_hook(JsonWriter& json, const HookChoice& hook, std::string_view note_key) {
  json.begin_object();
  json.key("mechanism").string(hook.mechanism);
  json.key("target").string(hook.target);
  json.key(note_key).string(hook.note);
  json.end_object();
}

void write_signal(JsonWriter& json, const SignalCoverage& signal) {
  json.begin_object();
  json.key("signal").string(signal.signal);
  json.key("quality").string(quality_name(signal.quality));
  json.key("hook");
  if (signal.hook)
    write_hook(json, *signal.hook, "note");
  else
    json.null();
  json.key("refused").begin_array();
  for (const HookChoice* refused : signal.refused) write_hook(json, *refused, "reason");
  json.end_array();
  json.end_object();
}

void write_cost(JsonWriter& json, const ProgramCost& cost) {
  const double total = static_cast<double>(cost.ns) * 1e-9;
  json.begin_object();
  json.key("name").string(cost.name);
  json.key("runs").number(cost.runs);
  json.key("seconds").number(whole_ns(total));
  json.key("seconds_per_run");
  if (cost.runs != 0)
    json.number(whole_ns(total / static_cast<double>(cost.runs)));
  else
    json.null();
  json.end_object();
}

}  // namespace

std::string probe_json(const Snapshot& snapshot, const std::vector<ProgramCost>& costs) {
  const Coverage coverage(snapshot);
  JsonWriter json;
  json.begin_object();
  json.key("schema").string("tcpwatch.probe/1");
  write_time(json, snapshot.realtime_ns);
  json.key("host").string(snapshot.host);
  json.key("kernel").string(snapshot.kernel);
  json.key("version").string(snapshot.version);
  json.key("signals").begin_array();
  for (const SignalCoverage& signal : coverage.signals()) write_signal(json, signal);
  json.end_array();
  json.key("programs").begin_array();
  for (const ProgramCost& cost : costs) write_cost(json, cost);
  json.end_array();
  json.key("lost_events").number(snapshot.lost_total.events);
  json.key("folded").number(snapshot.lost_total.folded);
  json.key("untracked").number(snapshot.lost_total.untracked);
  json.end_object();
  return json.take();
}

}  // namespace tcpwatch
