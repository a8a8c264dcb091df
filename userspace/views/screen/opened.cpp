// SPDX-License-Identifier: Apache-2.0
#include "views/screen/opened.h"

#include <algorithm>
#include <unordered_set>

#include "views/fields.h"
#include "views/screen/field_rows.h"
#include "views/screen/finding_fields.h"
#include "views/screen/routes.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kGone = "It has left; Esc goes back.";

// Columns that a worker has towards one destination.
const std::vector<std::string_view> kRouteColumns{
    "pid",         "comm",        "address",     "connects", "fails",     "reason",
    "connect_p50", "connect_p99", "connect_max", "kernel",   "kernel_p99"};

struct Opener {
  const Scene& scene;
  const ViewState& state;
  std::shared_ptr<const NamedRows> named = std::make_shared<const NamedRows>(scene.findings);
  Page page = {};

  template <typename Row>
  std::unique_ptr<Rows> rows(RowSource<Row> source, const TableState& table) const {
    return std::make_unique<FieldRows<Row>>(std::move(source), scene.snapshot, named, table,
                                            &table == &state.table() ? state.active_filter() : "");
  }

  // The one row that was opened: false if it is no more.
  template <typename Row, typename All>
  const Row* find(std::span<const Field<Row>> fields, const All& all) {
    const RowKey& key = state.path.back().key;
    for (const Row& row : all) {
      if (!may_be(row, key) || key_of(row, scene.snapshot) != key) continue;
      page.about = rows(RowSource<Row>{.fields = fields, .rows = {&row}}, TableState{})->details(0);
      return &row;
    }
    return nullptr;
  }

  void worker() {
    const Worker* row = find<Worker>(worker_fields(), scene.snapshot.workers);
    const RoutesOf routes = routes_of_worker(scene.snapshot, row ? row->id : WorkerId{});
    page.title = "DESTINATIONS of this process";
    page.empty = row ? "None. Single connections: tcpwatch trace --pid PID" : kGone;
    page.rows = rows(RowSource<Destination>{.fields = destination_fields(),
                                            .columns = kRouteColumns,
                                            .rows = routes.destinations,
                                            .keep = routes.keep},
                     state.table());
    page.opens = Opened::Kind::kDestination;
    if (!row) return;
    RowSource<Listener> listeners{.fields = listener_fields()};
    for (const Listener& listener : scene.snapshot.listeners)
      if (std::ranges::count(listener.owners, row->id.pid) != 0)
        listeners.rows.push_back(&listener);
    if (listeners.rows.empty()) return;
    page.beside_title = "LISTENERS of this process";
    page.beside = rows(std::move(listeners), TableState{});
  }

  void listener() {
    const Listener* row = find<Listener>(listener_fields(), scene.snapshot.listeners);
    page.title = "PROCESSES that listen or accept";
    page.empty = row ? "None is known." : kGone;
    RowSource<Worker> owners{.fields = worker_fields()};
    if (row) {
      const std::unordered_set<std::uint32_t> pids(row->owners.begin(), row->owners.end());
      for (const Worker& worker : scene.snapshot.workers)
        if (pids.contains(worker.id.pid)) owners.rows.push_back(&worker);
    }
    page.rows = rows(std::move(owners), state.table());
    page.opens = Opened::Kind::kWorker;
    if (!row || !row->reuseport_group) return;
    RowSource<Listener> siblings{.fields = listener_fields()};
    for (const Listener& other : scene.snapshot.listeners)
      if (&other != row && other.reuseport_group == row->reuseport_group)
        siblings.rows.push_back(&other);
    page.beside_title = "SIBLINGS that share its port (SO_REUSEPORT)";
    page.beside = rows(std::move(siblings), TableState{});
  }

  void destination() {
    const Destination* row = find<Destination>(destination_fields(), scene.snapshot.destinations);
    const RoutesOf routes = routes_of_destination(scene.snapshot, row);
    page.title = "PROCESSES that connect to it: only what they did towards it";
    page.empty = row ? "None is known." : kGone;
    page.rows = rows(RowSource<Worker>{.fields = worker_fields(),
                                       .columns = kRouteColumns,
                                       .rows = routes.workers,
                                       .keep = routes.keep},
                     state.table());
    page.opens = Opened::Kind::kWorker;
  }

  void group() {
    RowSource<Worker> members{.fields = worker_fields()};
    for (const Worker& worker : scene.snapshot.workers)
      if (group_of(worker, state.group) == state.path.back().key.text)
        members.rows.push_back(&worker);
    page.title = "PROCESSES of this " + std::string(group_name(state.group));
    page.empty = kGone;
    page.rows = rows(std::move(members), state.table());
    page.opens = Opened::Kind::kWorker;
  }

  // Whom it speaks of: the place where it happens, else the processes.
  void finding() {
    const FindingLine* row = find<FindingLine>(finding_fields(), scene.findings);
    const Subject about = row ? row->about : Subject{};
    const auto here = [&](const auto& place, const std::string& address) {
      return place.netns == about.netns && place.address == address;
    };
    RowSource<Listener> listeners{.fields = listener_fields()};
    for (const Listener& place : scene.snapshot.listeners)
      if (here(place, about.listener)) listeners.rows.push_back(&place);
    RowSource<Destination> destinations{.fields = destination_fields()};
    for (const Destination& place : scene.snapshot.destinations)
      if (here(place, about.destination)) destinations.rows.push_back(&place);
    RowSource<Worker> workers{.fields = worker_fields()};
    std::unordered_set<std::uint32_t> pids{about.pid};
    if (row) pids.insert(row->pids.begin(), row->pids.end());
    for (const Worker& worker : scene.snapshot.workers)
      if (pids.contains(worker.id.pid)) workers.rows.push_back(&worker);
    if (!listeners.rows.empty())
      concerned(Opened::Kind::kListener, std::move(listeners), "WHERE");
    else if (!destinations.rows.empty())
      concerned(Opened::Kind::kDestination, std::move(destinations), "WHERE");
    else
      return concerned(Opened::Kind::kWorker, std::move(workers), "WHO");
    page.beside_title = "WHO";
    page.beside = rows(std::move(workers), TableState{});
  }

  template <typename Row>
  void concerned(Opened::Kind kind, RowSource<Row> source, std::string_view title) {
    if (!source.rows.empty()) page.title = title;
    page.rows = rows(std::move(source), state.table());
    page.opens = kind;
  }
};

}  // namespace

Page opened_page(const Scene& scene, const ViewState& state) {
  Opener opener{scene, state};
  switch (state.path.back().kind) {
    case Opened::Kind::kWorker:
      opener.worker();
      break;
    case Opened::Kind::kListener:
      opener.listener();
      break;
    case Opened::Kind::kDestination:
      opener.destination();
      break;
    case Opened::Kind::kGroup:
      opener.group();
      break;
    case Opened::Kind::kFinding:
      opener.finding();
      break;
  }
  return std::move(opener.page);
}

std::optional<Opened> opening(const Page& page) {
  if (page.rows->size() == 0 || !page.opens) return std::nullopt;
  Opened opened{.kind = *page.opens,
                .key = page.rows->key(page.selected),
                .name = "",
                .table = {},
                .filter = ""};
  const auto names = page.rows->names();
  const TableRow row = page.rows->row(page.selected);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == "pid" || names[i] == "comm" || names[i] == "address" || names[i] == "id")
      opened.name += (opened.name.empty() ? "" : " ") + row.cells[i].text;
  return opened;
}

}  // namespace tcpwatch
