// SPDX-License-Identifier: Apache-2.0
#include "views/screen/page.h"

#include <algorithm>

#include "views/fields.h"
#include "views/screen/field_rows.h"
#include "views/screen/finding_fields.h"
#include "views/screen/opened.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kNoFindings =
    "Nothing is wrong, as far as can be seen from here. What is judged, and how: docs/findings.";

template <typename Row, typename Rows>
std::vector<const Row*> pointers(const Rows& rows) {
  std::vector<const Row*> result;
  result.reserve(rows.size());
  for (const Row& row : rows) result.push_back(&row);
  return result;
}

std::vector<std::string_view> state_columns(Group group) {
  std::vector<std::string_view> names{"pid",       "comm",       "container",         "established",
                                      "syn_sent",  "syn_recv",   "fin_wait1",         "fin_wait2",
                                      "time_wait", "close_wait", "oldest_close_wait", "last_ack",
                                      "closing",   "listen"};
  if (group != Group::kProcess) std::erase(names, "container");
  return names;
}

RowSource<Worker> workers_of(const Scene& scene, const ViewState& state, NamedRows& named) {
  auto workers = pointers<Worker>(scene.snapshot.workers);
  RowSource<Worker> source{.fields = worker_fields()};
  if (state.view == View::kStates) source.columns = state_columns(state.group);
  if (state.group == Group::kProcess) {
    source.rows = std::move(workers);
    return source;
  }
  // A filter chooses processes, then those are grouped.
  std::erase_if(workers, [&](const Worker* row) {
    return !row_matches(*row, worker_fields(), scene.snapshot, state.filter);
  });
  named.add_groups(workers, state.group);
  const auto groups = grouped(workers, state.group);
  source.fields = group_fields(state.group);
  source.rows = pointers<Worker>(*groups);
  source.keep = groups;
  return source;
}

Page view_page(const Scene& scene, const ViewState& state) {
  Page page;
  const Snapshot& snapshot = scene.snapshot;
  const auto named = std::make_shared<NamedRows>(scene.findings);
  const auto make = [&]<typename Row>(Opened::Kind kind, RowSource<Row> source,
                                      std::string_view filter) {
    page.rows =
        std::make_unique<FieldRows<Row>>(std::move(source), snapshot, named, state.table(), filter);
    page.opens = kind;
  };
  const bool single = state.group == Group::kProcess;
  page.empty = "No process with a connection has been seen yet.";
  switch (state.view) {
    case View::kWorkers:
    case View::kStates:
      make(single ? Opened::Kind::kWorker : Opened::Kind::kGroup, workers_of(scene, state, *named),
           single ? state.filter : "");
      break;
    case View::kListeners:
      make(Opened::Kind::kListener,
           RowSource<Listener>{.fields = listener_fields(),
                               .rows = pointers<Listener>(snapshot.listeners)},
           state.filter);
      page.empty = "Nobody listens.";
      break;
    case View::kDestinations:
      make(Opened::Kind::kDestination,
           RowSource<Destination>{.fields = destination_fields(),
                                  .rows = pointers<Destination>(snapshot.destinations)},
           state.filter);
      page.empty = "Nobody has connected to anything yet.";
      break;
    case View::kFindings:
      make(Opened::Kind::kFinding,
           RowSource<FindingLine>{.fields = finding_fields(),
                                  .rows = pointers<FindingLine>(scene.findings)},
           state.filter);
      page.empty = kNoFindings;
      break;
  }
  return page;
}

}  // namespace

Page compose(const Scene& scene, const ViewState& state) {
  Page page = state.path.empty() ? view_page(scene, state) : opened_page(scene, state);
  if (!state.active_filter().empty() && page.rows->unfiltered() != 0)
    page.empty = "No row matches the filter.";
  const std::size_t size = page.rows->size();
  const TableState& table = state.table();
  if (size == 0 || !table.selected) return page;
  page.selected = page.rows->find(*table.selected).value_or(std::min(table.at, size - 1));
  return page;
}

}  // namespace tcpwatch
