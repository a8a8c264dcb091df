// SPDX-License-Identifier: Apache-2.0
#include "model/counter_memory.h"

#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>

#include "base/names.h"

namespace tcpwatch {
namespace {

// The counters lie without a gap: first all of 64 bits, then the buckets of 32.
static_assert(offsetof(tw_flow, accepts) == offsetof(tw_flow, attempts) + 8 * kCounterAccepts);
static_assert(offsetof(tw_flow, failures) == offsetof(tw_flow, attempts) + 8 * kCounterFailures);
static_assert(offsetof(tw_flow, steps) == offsetof(tw_flow, attempts) + 8 * kCounterSteps);
static_assert(offsetof(tw_flow, sum_ns) == offsetof(tw_flow, attempts) + 8 * kCounterSums);
static_assert(offsetof(tw_flow, histogram) == offsetof(tw_flow, attempts) + 8 * kCounterHistograms);

// Words of 64 bits: the counters, then two buckets in each, then some that are always zero.
constexpr std::size_t kAtOnce = 4;
constexpr std::size_t kWords = kCounterHistograms + TW_TIMINGS * TW_BUCKETS / 2;
constexpr std::size_t kFirst = offsetof(tw_flow, attempts);
static_assert(TW_TIMINGS * TW_BUCKETS % 2 == 0);
static_assert(kFirst + 8 * (kWords + kAtOnce - 1) <= sizeof(tw_flow));

template <typename Visit>
void visit_word(std::size_t number, std::uint64_t word, Visit&& visit) {
  if (word == 0) return;
  if (number < kCounterHistograms) return visit(static_cast<std::uint16_t>(number), word);
  std::uint32_t buckets[2];
  std::memcpy(buckets, &word, sizeof buckets);
  const auto first = static_cast<std::uint16_t>(2 * number - kCounterHistograms);
  if (buckets[0] != 0) visit(first, buckets[0]);
  if (buckets[1] != 0) visit(static_cast<std::uint16_t>(first + 1), buckets[1]);
}

// Most are not in use: several at a time.
template <typename Visit>
void for_each_counter(const tw_flow& flow, Visit&& visit) {
  const auto* first = reinterpret_cast<const std::byte*>(&flow) + kFirst;
  for (std::size_t number = 0; number < kWords; number += kAtOnce) {
    std::uint64_t words[kAtOnce];
    std::memcpy(words, first + 8 * number, sizeof words);
    if ((words[0] | words[1] | words[2] | words[3]) == 0) continue;
    for (std::size_t i = 0; i < kAtOnce && number + i < kWords; ++i)
      visit_word(number + i, words[i], visit);
  }
}

// By how much a counter rose. A bucket of 32 bits may have wrapped; any other fall is no rise.
std::optional<std::uint64_t> rise(std::uint16_t counter, std::uint64_t before, std::uint64_t now) {
  if (now >= before) return now - before;
  const auto wrapped = static_cast<std::uint32_t>(now - before);
  if (counter < kCounterHistograms || wrapped > std::numeric_limits<std::int32_t>::max())
    return std::nullopt;
  return wrapped;
}

// Both are sorted. False where a counter fell, or is gone, which is the same.
bool compare(const std::vector<CounterValue>& before, const std::vector<CounterValue>& now,
             std::vector<CounterValue>& grown) {
  auto old = before.begin();
  for (const CounterValue& fresh : now) {
    std::uint64_t was = 0;
    if (old != before.end() && old->counter <= fresh.counter) {
      if (old->counter < fresh.counter) return false;
      was = old++->value;
    }
    const auto by = rise(fresh.counter, was, fresh.value);
    if (!by) return false;
    if (*by != 0) grown.push_back({fresh.counter, *by});
  }
  return old == before.end();
}

}  // namespace

bool CounterMemory::advance(const tw_flow& now, std::vector<CounterValue>& grown) {
  thread_local std::vector<CounterValue> used;
  used.clear();
  for_each_counter(
      now, [](std::uint16_t counter, std::uint64_t value) { used.push_back({counter, value}); });
  const std::size_t had = grown.size();
  if (!compare(last_, used, grown)) {
    grown.resize(had);
    return false;
  }
  if (grown.size() != had) last_ = used;
  return true;
}

void move_sockets(States& states, std::uint32_t step, std::uint64_t by) {
  if (step >= kSteps.size()) return;
  // Unsigned, since the counters of a hostile capture may overflow.
  auto& from = states[kSteps[step].from];
  auto& to = states[kSteps[step].to];
  from = static_cast<std::int64_t>(static_cast<std::uint64_t>(from) - by);
  to = static_cast<std::int64_t>(static_cast<std::uint64_t>(to) + by);
}

States CounterMemory::states() const {
  States states{};
  for (const CounterValue& entry : last_)
    if (entry.counter >= kCounterSteps && entry.counter < kCounterAccepts)
      move_sockets(states, entry.counter - kCounterSteps, entry.value);
  return states;
}

}  // namespace tcpwatch
