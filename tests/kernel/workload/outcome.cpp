// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/outcome.h"

#include <algorithm>

namespace tcpwatch::workload {

Outcome::Outcome(const Netns& where) : netns(&where), before(where.counters()) {
  parties.reserve(128);  // add() hands out references
}

Party& Outcome::party(const std::string& role) {
  const auto found = std::find_if(parties.begin(), parties.end(),
                                  [&](const Party& party) { return party.role() == role; });
  if (found == parties.end()) throw WorkloadError("no party is called " + role);
  return *found;
}

Party& Outcome::add(Party party) {
  if (parties.size() == parties.capacity()) throw WorkloadError("too many parties");
  parties.push_back(std::move(party));
  return parties.back();
}

std::vector<Party*> Outcome::workers() {
  std::vector<Party*> found;
  for (Party& party : parties) {
    if (party.role().rfind("worker", 0) == 0) found.push_back(&party);
  }
  return found;
}

std::vector<const Party*> Outcome::all() const {
  std::vector<const Party*> found;
  for (const Party& party : parties) found.push_back(&party);
  return found;
}

Counts Outcome::total() const {
  Counts sum;
  for (const Party& party : parties) sum += party.counts();
  return sum;
}

std::uint64_t Outcome::fact(const std::string& name) const {
  const auto found = extra.find(name);
  if (found == extra.end()) throw WorkloadError("the scenario has no fact called " + name);
  return found->second;
}

void Outcome::settle() {
  netns->wait_quiet();
  delta = netns->counters().minus(before);
}

void Outcome::release() {
  for (auto party = parties.rbegin(); party != parties.rend(); ++party) party->release();
  settle();
}

}  // namespace tcpwatch::workload
