// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/starved.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr double kLeastLook = 1;  // seconds, in sum

// What the latest looks told; why it waits comes from those that asked for it.
struct Turn {
  double looked = 0;
  double ran = 0;
  double waited = 0;
  double periods = 0;
  double throttled = 0;
  const Activity* limited = nullptr;  // the latest with a limit
  const Activity* rivalled = nullptr;
  const Activity* explained = nullptr;
};

Turn turn_of(const Case& about, const Track<ActivitySample>& track) {
  Turn turn;
  const double begin = about.chart.now() - 2 * about.limits.hold;
  for (const ActivitySample& sample : track.samples()) {
    const Activity& seen = sample.seen;
    if (sample.end <= begin || seen.waited < 0) continue;
    turn.looked += seen.looked;
    turn.ran += seen.ran;
    turn.waited += seen.waited;
    turn.periods += seen.periods;
    turn.throttled += seen.throttled;
    if (seen.limit > 0) turn.limited = &seen;
    if (seen.rival != 0) turn.rivalled = &seen;
    if (seen.cpus != 0) turn.explained = &seen;
  }
  return turn;
}

std::string rival_name(const Activity& seen) {
  return fmt::format("{} {}", seen.rival_comm, seen.rival);
}

void blame_limit(const Turn& turn, Busy& busy) {
  const Activity& seen = *turn.limited;
  busy.text += fmt::format(", because the limit of cgroup {} ({} of a CPU) is used up", seen.group,
                           format_percent(seen.limit));
  const std::string source = "cpu.stat of " + seen.group;
  busy.evidence.push_back(share("throttled_periods", turn.throttled / turn.periods, source));
  busy.evidence.push_back(share("cpu_limit", seen.limit, "cpu.max of " + seen.group));
  busy.next_step = fmt::format(
      "grep . /sys/fs/cgroup{{,/cpu}}{}/cpu.{{max,cfs_quota_us,stat}}   # then raise its limit",
      seen.group);
}

void blame_rival(const Activity& seen, Busy& busy) {
  busy.text += fmt::format(", because CPU {} is taken by {} ({} of it{}){}", seen.cpu,
                           rival_name(seen), format_percent(seen.rival_share),
                           seen.rival_realtime ? ", with real-time priority" : "",
                           seen.cpus == 1 ? ", and it may run on no other" : "");
  busy.evidence.push_back(
      share("rival_cpu", seen.rival_share, fmt::format("/proc/{}/stat", seen.rival)));
  busy.next_step =
      fmt::format("ps -o pid,cls,rtprio,ni,psr,pcpu,args -p {}   # who takes CPU {}; move it",
                  seen.rival, seen.cpu);
}

void blame_crowd(const Turn& turn, Busy& busy) {
  if (turn.explained && turn.explained->runnable > turn.explained->cpus) {
    busy.text += fmt::format(": {} tasks of the machine want to run", turn.explained->runnable);
    busy.evidence.push_back(counted("runnable", turn.explained->runnable, "/proc/loadavg"));
  }
  busy.next_step = "ps -eo pid,cls,rtprio,ni,psr,pcpu,args --sort=-pcpu | head   # who runs";
}

}  // namespace

Busy starved_of(const Case& about, const Track<ActivitySample>& track) {
  const Turn turn = turn_of(about, track);
  const double wanted = turn.ran + turn.waited;
  if (turn.looked < kLeastLook || turn.waited < about.limits.waits * turn.looked ||
      turn.waited < about.limits.starved * wanted)
    return {};
  const std::string source = "/proc/PID/schedstat";
  Busy busy{Occupation::kStarved, turn.waited / wanted, "", source, false, {}, ""};
  busy.text = fmt::format("is runnable but got {} of a CPU in the last {} (waited {} for one)",
                          format_percent(turn.ran / turn.looked), format_seconds(turn.looked),
                          format_seconds(turn.waited));
  busy.evidence = {share("cpu_got", turn.ran / turn.looked, source),
                   seconds_taken("cpu_waited", turn.waited, source)};
  if (turn.limited && turn.periods > 0 && turn.throttled >= about.limits.throttled * turn.periods)
    blame_limit(turn, busy);
  else if (turn.rivalled && turn.rivalled->rival_share >= about.limits.rival)
    blame_rival(*turn.rivalled, busy);
  else
    blame_crowd(turn, busy);
  return busy;
}

}  // namespace tcpwatch
