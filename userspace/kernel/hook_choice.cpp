// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "kernel/hook_plan.h"

namespace tcpwatch {
namespace {

// Where a signal stands on its ladder.
struct Climb {
  explicit Climb(const Signal& what) : signal(&what) {}

  const Signal* signal;
  std::size_t rung = 0;
  bool holds = false;
  std::vector<Trial> tried;

  bool open() const { return !holds && rung < signal->ladder.size(); }
};

std::optional<Refusal> denied_by_user(std::string_view mechanism) {
  return Refusal{"denied by --deny " + std::string(mechanism), "leave the option out"};
}

// Up to the first rung that is worth a trial.
void skip_refused(Climb& climb, Prober& prober, const std::set<std::string>& denied) {
  for (; climb.open(); ++climb.rung) {
    const Candidate& candidate = climb.signal->ladder[climb.rung];
    auto refusal = denied.contains(std::string(candidate.mechanism))
                       ? denied_by_user(candidate.mechanism)
                       : prober.refuse_beforehand(candidate);
    if (!refusal) return;
    climb.tried.push_back({climb.signal, &candidate, std::move(refusal)});
  }
}

// One round: the next rung of every signal that is still open. False when all are decided.
bool try_next_rungs(std::vector<Climb>& climbs, Prober& prober,
                    const std::set<std::string>& denied) {
  std::vector<Trial> round;
  std::vector<Climb*> climbing;
  for (Climb& climb : climbs) {
    skip_refused(climb, prober, denied);
    if (!climb.open()) continue;
    round.push_back({climb.signal, &climb.signal->ladder[climb.rung], std::nullopt});
    climbing.push_back(&climb);
  }
  if (round.empty()) return false;
  prober.try_all(round);
  for (std::size_t i = 0; i < round.size(); ++i) {
    climbing[i]->holds = !round[i].refusal;
    ++climbing[i]->rung;
    climbing[i]->tried.push_back(std::move(round[i]));
  }
  return true;
}

}  // namespace

std::vector<Trial> choose_hooks(const std::vector<Signal>& plan, Prober& prober,
                                const std::set<std::string>& denied) {
  std::vector<Climb> climbs;
  climbs.reserve(plan.size());
  for (const Signal& signal : plan) climbs.emplace_back(signal);
  while (try_next_rungs(climbs, prober, denied)) {
  }
  std::vector<Trial> all;
  for (Climb& climb : climbs)
    for (Trial& trial : climb.tried) all.push_back(std::move(trial));
  return all;
}

}  // namespace tcpwatch
