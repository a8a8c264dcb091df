// SPDX-License-Identifier: Apache-2.0
//
// What one flow record adds: the growth of its counters, read by the role of the flow. One gain is
// then added to the flow's worker, destination, route and to the total. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/counter_memory.h"
#include "model/snapshot.h"

namespace tcpwatch {

struct Gain {
  struct Timed {
    Histogram Traffic::* histogram;
    std::uint32_t bucket;
    std::uint64_t count;
  };
  struct TimeSum {
    Histogram Traffic::* histogram;
    double seconds;
  };
  struct Counted {
    std::uint32_t number;  // of a reason
    std::uint64_t count;
  };

  std::uint64_t accepts = 0;
  std::uint64_t connects = 0;
  std::uint64_t established_out = 0;
  std::uint64_t closes = 0;
  std::uint64_t turned_away = 0;
  std::vector<Counted> failures;
  std::vector<Counted> fd_refusals;
  std::vector<StepCount> steps;
  std::vector<Timed> timed;
  std::vector<TimeSum> sums;

  // Replaces what was there; keeps the memory.
  void read(const std::vector<CounterValue>& grown, tw_role role);

 private:
  void read_failure(std::uint32_t number, std::uint64_t by, tw_role role);
  void read_step(std::uint32_t step, std::uint64_t by, tw_role role);
};

// Adds all but the steps.
void add(Traffic& traffic, const Gain& gain);
void add_steps(States& states, const Gain& gain);
void add_steps(std::vector<StepCount>& steps, const Gain& gain);

// `total` += `delta`.
void add(Traffic& total, const Traffic& delta);
void add(States& states, const States& other);
void subtract(States& states, const States& other);

// As a snapshot has them: without the states that are none (outside, CLOSE), and without the
// negative figures that a moment's read between two counters can give.
States shown(const States& states);

}  // namespace tcpwatch
