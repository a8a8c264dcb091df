// SPDX-License-Identifier: Apache-2.0
#include "views/ranking.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <tuple>
#include <utility>

namespace tcpwatch {
namespace {

// Only to compare; in doubles, since a hostile capture's counts may be as large as they come.
double sockets_of(const States& states) {
  return std::accumulate(states.begin(), states.end(), 0.0);
}

std::uint64_t activity(const Traffic& delta) {
  return delta.accepts + delta.connects + delta.closes;
}

std::uint64_t drops(const Listener& row) {
  return row.overflows_delta.syn + row.overflows_delta.ack;
}

double filled(const Listener& row) {
  return static_cast<double>(row.queue_peak) / (static_cast<double>(row.queue_limit) + 1);
}

bool descriptors_gone(const Worker& row) {
  return row.fds && row.fds->limit != 0 && row.fds->open >= row.fds->limit * 0.95;
}

auto rank(const Worker& row) {
  return std::tuple(in_trouble(row), row.delta.connect_failures(), activity(row.delta),
                    sockets_of(row.states));
}

auto rank(const Listener& row) {
  return std::tuple(in_trouble(row), drops(row), filled(row), row.accepts_delta);
}

auto rank(const Destination& row) {
  return std::tuple(in_trouble(row), row.delta.connect_failures(), activity(row.delta),
                    sockets_of(row.states));
}

// Equal rows keep their order, so that they do not jump about.
template <typename Row>
void sort_worst_first(std::vector<const Row*>& rows) {
  using Rank = decltype(rank(std::declval<const Row&>()));
  std::vector<std::tuple<Rank, std::ptrdiff_t, const Row*>> order;
  order.reserve(rows.size());
  for (const Row* row : rows)
    order.emplace_back(rank(*row), -static_cast<std::ptrdiff_t>(order.size()), row);
  std::ranges::sort(order, std::greater<>());
  std::ranges::transform(order, rows.begin(), [](const auto& entry) { return std::get<2>(entry); });
}

template <typename Row, typename Rows>
std::vector<const Row*> ranked(const Rows& rows) {
  std::vector<const Row*> result;
  result.reserve(rows.size());
  for (const Row& row : rows) result.push_back(&row);
  sort_worst_first(result);
  return result;
}

}  // namespace

bool in_trouble(const Worker& row) {
  return row.delta.connect_failures() != 0 || descriptors_gone(row);
}

bool in_trouble(const Listener& row) { return drops(row) != 0 || row.queue_now > row.queue_limit; }

bool in_trouble(const Destination& row) { return row.delta.connect_failures() != 0; }

bool is_active(const Worker& row) {
  return activity(row.delta) != 0 || sockets_of(row.states) != 0 || in_trouble(row);
}

bool is_active(const Destination& row) {
  return activity(row.delta) != 0 || sockets_of(row.states) != 0 || in_trouble(row);
}

std::vector<const Worker*> ranked_workers(const Snapshot& snapshot) {
  return ranked<Worker>(snapshot.workers);
}

std::vector<const Listener*> ranked_listeners(const Snapshot& snapshot) {
  return ranked<Listener>(snapshot.listeners);
}

std::vector<const Destination*> ranked_destinations(const Snapshot& snapshot) {
  return ranked<Destination>(snapshot.destinations);
}

void rank_worst_first(std::vector<const Worker*>& rows) { sort_worst_first(rows); }
void rank_worst_first(std::vector<const Listener*>& rows) { sort_worst_first(rows); }
void rank_worst_first(std::vector<const Destination*>& rows) { sort_worst_first(rows); }

}  // namespace tcpwatch
