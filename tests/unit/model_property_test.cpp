// SPDX-License-Identifier: Apache-2.0
//
// Random streams of records, plausible and hostile: counters never fall, parts add up to the total,
// a replay gives the same snapshots, and tables keep their caps. The seed is printed; set
// TCPWATCH_SEED to run one again.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <random>
#include <vector>

#include "events/batch.h"
#include "model_generator.h"

namespace tcpwatch::test {
namespace {

constexpr ModelLimits kSmall = {.flow_slots = 64,
                                .listener_slots = 8,
                                .workers = 12,
                                .destinations = 10,
                                .routes = 20,
                                .namespaces = 4,
                                .hooks = 8,
                                .grace_ns = 20 * kSecond};

std::uint32_t seed() {
  const char* given = std::getenv("TCPWATCH_SEED");
  const auto seed =
      given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  std::cout << "TCPWATCH_SEED=" << seed << "\n";
  return seed;
}

template <typename OnSnapshot>
void replay(const RecordBatch& batch, OnSnapshot&& on_snapshot,
            const ModelLimits& limits = kSmall) {
  Model model(limits);
  batch.for_each([&](const Record& record) {
    model.on_record(record);
    if (std::holds_alternative<const tw_tick*>(record)) on_snapshot(*model.snapshot());
  });
}

void expect_grown(const Traffic& before, const Traffic& now) {
  EXPECT_GE(now.accepts, before.accepts);
  EXPECT_GE(now.connects, before.connects);
  EXPECT_GE(now.established_out, before.established_out);
  EXPECT_GE(now.closes, before.closes);
  EXPECT_GE(now.connect.count(), before.connect.count());
  EXPECT_GE(now.accept_wait.count(), before.accept_wait.count());
  for (std::size_t i = 0; i < TW_REASONS; ++i) EXPECT_GE(now.failures[i], before.failures[i]);
}

struct Sums {
  std::uint64_t connects = 0, established = 0, closes = 0, failures = 0, timed = 0;
  bool operator==(const Sums&) const = default;

  void add(const Traffic& traffic) {
    connects += traffic.connects;
    established += traffic.established_out;
    closes += traffic.closes;
    failures += traffic.connect_failures();
    timed += traffic.connect.count() + traffic.accept_wait.count();
  }
};

void expect_parts_add_up(const Snapshot& snapshot) {
  Sums total, delta, total_parts, delta_parts;
  total.add(snapshot.total);
  delta.add(snapshot.delta);
  total_parts.add(snapshot.unowned.total);
  delta_parts.add(snapshot.unowned.delta);
  States states = snapshot.unowned.states;
  for (const Worker& worker : snapshot.workers) {
    total_parts.add(worker.total);
    delta_parts.add(worker.delta);
    for (std::size_t i = 0; i < TW_STATES; ++i) states[i] += worker.states[i];
  }
  EXPECT_EQ(total_parts, total);
  EXPECT_EQ(delta_parts, delta);
  EXPECT_EQ(states, snapshot.states);
}

void expect_within_caps(const Snapshot& snapshot) {
  EXPECT_LE(snapshot.workers.size(), kSmall.workers);
  EXPECT_LE(snapshot.destinations.size(), kSmall.destinations);
  EXPECT_LE(routes_in(snapshot), kSmall.routes);
  EXPECT_LE(snapshot.listeners.size(), 2 * kSmall.listener_slots) << "those that leave included";
  EXPECT_LE(snapshot.netns.size(), kSmall.namespaces);
}

TEST(ModelProperty, CountersNeverFallAndPartsAddUp) {
  const std::uint32_t start = seed();
  for (std::uint32_t round = 0; round < 40; ++round) {
    SCOPED_TRACE("TCPWATCH_SEED=" + std::to_string(start + round));
    Generator generator(start + round);
    const RecordBatch batch = generator.stream(3000);
    Snapshot before;
    Traffic sum;
    replay(batch, [&](const Snapshot& now) {
      expect_grown(before.total, now.total);
      expect_grown(before.unowned.total, now.unowned.total);
      EXPECT_GE(now.overflows_total.syn, before.overflows_total.syn);
      EXPECT_GE(now.overflows_total.ack, before.overflows_total.ack);
      EXPECT_EQ(now.total.accepts, before.total.accepts + now.delta.accepts);
      sum.connects += now.delta.connects;
      std::map<WorkerId, const Worker*> known;
      for (const Worker& worker : before.workers) known[worker.id] = &worker;
      for (const Worker& worker : now.workers) {
        const auto was = known.find(worker.id);
        // Who left and came back within one interval begins anew.
        if (was == known.end() || worker.total.connects == worker.delta.connects) continue;
        expect_grown(was->second->total, worker.total);
      }
      expect_parts_add_up(now);
      expect_within_caps(now);
      before = now;
    });
    EXPECT_EQ(before.total.connects, generator.connects);
    EXPECT_EQ(before.total.connect_failures(), generator.failures);
    EXPECT_EQ(sum.connects, generator.connects);
    if (HasFailure()) break;
  }
}

TEST(ModelProperty, AReplayGivesTheSameSnapshots) {
  const std::uint32_t start = seed();
  SCOPED_TRACE("TCPWATCH_SEED=" + std::to_string(start));
  const RecordBatch batch = Generator(start).stream(4000);
  std::vector<std::string> live, again;
  replay(batch, [&](const Snapshot& snapshot) { live.push_back(dump(snapshot)); });
  replay(batch, [&](const Snapshot& snapshot) { again.push_back(dump(snapshot)); });
  EXPECT_GT(live.size(), 50u);
  EXPECT_EQ(live, again);
}

// Whatever decode() lets through, in any order, with any numbers.
TEST(ModelProperty, HostileRecordsKeepTheCaps) {
  const std::uint32_t start = seed();
  SCOPED_TRACE("TCPWATCH_SEED=" + std::to_string(start));
  std::mt19937_64 random(start);
  Generator generator(start);
  const RecordBatch plausible = generator.stream(3000);
  std::vector<std::uint64_t> words(plausible.bytes().size() / 8);
  std::memcpy(words.data(), plausible.bytes().data(), plausible.bytes().size());
  // Size and kind stay as they are, else the rest of the stream is skipped.
  std::vector<std::size_t> places;
  for (std::size_t record = 0; record < words.size();) {
    const std::size_t end = record + record_size(plausible.bytes().subspan(record * 8)) / 8;
    while (++record < end) places.push_back(record);
  }
  for (std::size_t i = 0; i < words.size() / 50; ++i) {
    const std::size_t place = places[random() % places.size()];
    words[place] = random() % 4 == 0 ? random() : words[place] + (random() % 3 - 1);
  }
  Model model(kSmall);
  int seen = 0;
  read_records(
      std::as_bytes(std::span(words)),
      [&](const Record& record) {
        ++seen;
        model.on_record(record);
        if (std::holds_alternative<const tw_tick*>(record)) expect_within_caps(*model.snapshot());
      },
      [](const Error&) {});
  EXPECT_GT(seen, 1000);
}

}  // namespace
}  // namespace tcpwatch::test
