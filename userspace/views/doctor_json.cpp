// SPDX-License-Identifier: Apache-2.0
#include "views/doctor.h"
#include "views/findings_json.h"
#include "views/json_values.h"
#include "views/unseen.h"

namespace tcpwatch {

std::string doctor_json(const DoctorView& view) {
  JsonWriter json;
  json.begin_object();
  json.key("schema").string("tcpwatch.doctor/1");
  write_time(json, view.snapshot.realtime_ns);
  json.key("duration").number(view.seconds);
  json.key("host").string(view.snapshot.host);
  json.key("verdict").string(verdict_name(view.findings));
  const Finding* root = root_cause(view.findings);
  json.key("root_cause");
  if (root)
    json.string(root->id);
  else
    json.null();
  write_findings(json.key("findings"), view.findings);
  json.key("unseen").begin_array();
  for (const std::string& phrase : unseen_of(view.snapshot, view.findings)) json.string(phrase);
  json.end_array();
  write_coverage(json.key("coverage"), Coverage(view.snapshot), view.snapshot.sample);
  json.end_object();
  return json.take();
}

}  // namespace tcpwatch
