// SPDX-License-Identifier: Apache-2.0
#include "base/names.h"
#include "views/field_values.h"
#include "views/json_values.h"
#include "views/sockets_fields.h"
#include "views/sockets_list.h"

namespace tcpwatch {
namespace {

template <typename Row>
void write_rows(JsonWriter& json, std::span<const Field<Row>> fields,
                const std::vector<Row>& rows) {
  const Snapshot none;  // these fields need no tracer
  const Coverage coverage(none);
  for (const Row& row : rows) write_row(json, fields, row, none, coverage);
}

}  // namespace

std::string sockets_json(const SocketsView& view) {
  JsonWriter json;
  json.begin_object();
  json.key("schema").string("tcpwatch.sockets/1");
  write_time(json, view.realtime_ns);
  json.key("host").string(view.host);
  json.key("by").string(by_name(view.by));
  json.key("rows").begin_array();
  write_rows(json, state_row_fields(), view.by_state);
  write_rows(json, process_row_fields(), view.processes);
  write_rows(json, listener_row_fields(), view.listeners);
  write_rows(json, destination_row_fields(), view.destinations);
  for (const OneSocket& row : view.sockets) write_socket(json, row, view);
  json.end_array();
  json.key("states").begin_object();
  for (std::uint32_t state = 0; state < TW_STATES; ++state)
    if (view.states[state] != 0) json.key(state_name(state)).number(view.states[state]);
  json.end_object();
  json.key("total").number(total_of(view.states));
  json.key("namespaces").number(view.namespaces);
  json.key("complete").boolean(view.complete);
  json.key("notes").begin_array();
  for (const std::string& note : view.notes) json.string(note);
  json.end_array();
  json.key("seconds").number(whole_ns(view.seconds));
  json.end_object();
  return json.take();
}

}  // namespace tcpwatch
