// SPDX-License-Identifier: Apache-2.0
#include "views/findings_json.h"

#include "base/clock.h"

namespace tcpwatch {
namespace {

void write_text(JsonWriter& json, std::string_view key, const std::string& text) {
  json.key(key);
  if (text.empty())
    json.null();
  else
    json.string(text);
}

void write_subject(JsonWriter& json, const Subject& subject) {
  json.begin_object();
  if (subject.pid != 0) json.key("pid").number(std::uint64_t{subject.pid});
  if (!subject.comm.empty()) json.key("comm").string(subject.comm);
  if (!subject.listener.empty()) json.key("listener").string(subject.listener);
  if (!subject.destination.empty()) json.key("destination").string(subject.destination);
  if (subject.netns != 0) json.key("netns").number(std::uint64_t{subject.netns});
  json.end_object();
}

void write_evidence(JsonWriter& json, const std::vector<Evidence>& evidence) {
  json.begin_array();
  for (const Evidence& one : evidence) {
    json.begin_object();
    json.key("name").string(one.name);
    json.key("value").number(one.value);
    json.key("unit").string(one.unit);
    json.key("source").string(one.source);
    json.end_object();
  }
  json.end_array();
}

// How old the figures of the socket table are, and what they cost.
void write_sample(JsonWriter& json, const std::optional<Sample>& sample) {
  if (!sample) {
    json.key("age").null();
    return;
  }
  json.key("age").number(sample->age);
  json.key("interval").number(sample->interval);
  json.key("cpu_seconds").number(sample->cost);
  json.key("sockets").number(sample->sockets);
  json.key("complete").boolean(sample->whole);
}

}  // namespace

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object();
  json.key("id").string(finding.id);
  json.key("severity").string(severity_name(finding.severity));
  json.key("confidence").number(finding.confidence);
  json.key("summary").string(finding.summary);
  write_subject(json.key("subject"), finding.subject);
  json.key("pids").begin_array();
  for (const std::uint32_t pid : finding.pids) json.number(std::uint64_t{pid});
  json.end_array();
  json.key("since").string(format_rfc3339(finding.since_ns));
  write_evidence(json.key("evidence"), finding.evidence);
  json.key("caused_by");
  if (finding.cause)
    json.string(finding.cause->id);
  else
    json.null();
  // Which of them, where several have that id.
  json.key("caused_by_subject");
  if (finding.cause)
    write_subject(json, finding.cause->subject);
  else
    json.null();
  json.key("next_step").string(finding.next_step);
  write_text(json, "do_not", finding.do_not);
  write_text(json, "unseen", finding.unseen);
  json.end_object();
}

void write_findings(JsonWriter& json, const Findings& findings) {
  json.begin_array();
  for (const Finding& finding : findings) write_finding(json, finding);
  json.end_array();
}

void write_coverage(JsonWriter& json, const Coverage& coverage,
                    const std::optional<Sample>& sample) {
  json.begin_object();
  for (const SignalCoverage& signal : coverage.signals()) {
    json.key(signal.signal).begin_object();
    json.key("hook");
    if (signal.hook)
      json.string(hook_text(*signal.hook));
    else
      json.null();
    json.key("exact").boolean(signal.quality == Quality::kExact);
    if (signal.signal == "socket_table") write_sample(json, sample);
    json.end_object();
  }
  json.end_object();
}

}  // namespace tcpwatch
