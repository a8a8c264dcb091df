// SPDX-License-Identifier: Apache-2.0
#include "app/replay_screen.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "app/stop.h"

namespace tcpwatch {
namespace {

bool loses(const Snapshot& snapshot) {
  return snapshot.delta.connect_failures() + snapshot.delta.refused_descriptors() +
             snapshot.overflows_delta.syn + snapshot.overflows_delta.ack +
             snapshot.lost_delta.events !=
         0;
}

// What was left between the last picture and the end of a recording, some milliseconds: a rate over
// it says nothing. Its counts are in the totals all the same.
bool is_scrap(const Snapshot& snapshot, const Snapshot& before) {
  return snapshot.interval < before.interval / 10;
}

// Something is wrong that was not in the interval before: a finding, or the first loss.
bool trouble_begins(const LiveScreen::Shown& before, const LiveScreen::Shown& now) {
  if (loses(*now.snapshot) && !loses(*before.snapshot)) return true;
  return std::ranges::any_of(now.findings, [&](const FindingLine& line) {
    return std::ranges::none_of(before.findings, [&](const FindingLine& known) {
      return known.id == line.id && known.subject == line.subject;
    });
  });
}

}  // namespace

ReplayScreen::ReplayScreen(Terminal& terminal, LiveScreen& screen, Replay& source, double speed)
    : terminal_(terminal), screen_(screen), source_(source), speed_(speed > 0 ? speed : 1) {}

bool ReplayScreen::read_one() {
  std::shared_ptr<const Snapshot> snapshot;
  do {
    if (ended_) return false;
    const auto more = source_.advance(model_);
    if (!more) failure_ = more.error().message;
    ended_ = !more || !*more;
    if (ended_) return false;
    snapshot = model_.snapshot();
  } while (!kept_.empty() && is_scrap(*snapshot, *kept_.back().snapshot));
  screen_.take_in(snapshot);
  kept_.push_back(screen_.latest());
  if (kept_.size() > kMost) {
    kept_.pop_front();
    ++first_;
  }
  return true;
}

void ReplayScreen::go_to(std::uint64_t at) {
  while (at >= first_ + kept_.size() && read_one()) {
  }
  if (kept_.empty()) return;
  at_ = std::clamp(at, first_, first_ + kept_.size() - 1);
  if (ended_ && at_ + 1 == first_ + kept_.size()) playing_ = false;
  screen_.show(kept_[at_ - first_],
               fmt::format("REPLAY {} of {}{}{}", at_ + 1, first_ + kept_.size(), ended_ ? "" : "+",
                           playing_ ? fmt::format(" x{:g}", speed_) : " paused"));
}

void ReplayScreen::next_trouble() {
  const std::uint64_t from = at_;
  for (;;) {
    const std::uint64_t before = at_;
    const LiveScreen::Shown left = kept_[at_ - first_];
    go_to(before + 1);
    if (at_ == before) break;  // the end
    if (trouble_begins(left, kept_[at_ - first_])) return;
  }
  go_to(from);
  screen_.tell("no trouble behind this");
}

bool ReplayScreen::take(const Key& key) {
  const char32_t character = key.kind == Key::Kind::kCharacter ? key.character : 0;
  if (kept_.empty()) return false;
  const bool steps = key.kind == Key::Kind::kLeft || key.kind == Key::Kind::kRight ||
                     character == U'g' || character == U'G' || character == U'n';
  if (steps) playing_ = false;
  if (key.kind == Key::Kind::kRight)
    go_to(at_ + 1);
  else if (key.kind == Key::Kind::kLeft)
    go_to(at_ == 0 ? 0 : at_ - 1);
  else if (character == U'g')
    go_to(first_);
  else if (character == U'G')
    go_to(~std::uint64_t{0});
  else if (character == U'n')
    next_trouble();
  else if (character == U' ' || character == U'p')
    playing_ = !playing_, go_to(at_);
  else
    return false;
  return true;
}

// Until the next picture is due.
int ReplayScreen::wait_ms() const {
  if (!playing_ || kept_.empty()) return -1;
  const double seconds = kept_[at_ - first_].snapshot->interval / speed_;
  return static_cast<int>(std::clamp(seconds * 1000, 0.0, 60'000.0));
}

Result<> ReplayScreen::run() {
  const auto stop = take_stop_signals();
  if (!stop) return stop.error();
  go_to(0);
  if (kept_.empty())
    return Error{ErrorKind::kBadInput, "the capture holds no interval of that time",
                 "`tcpwatch capture info FILE` tells what time it holds"};
  ScreenControl control;
  control.take = [this](const Key& key) { return take(key); };
  control.capture = [] { return std::string("this is a capture already"); };
  for (;;) {
    pollfd fds[2] = {{stop->get(), POLLIN, 0}, {terminal_.wake_fd(), POLLIN, 0}};
    const int ready = ::poll(fds, 2, wait_ms());
    if (ready == 0) go_to(at_ + 1);
    if ((fds[0].revents & POLLIN) != 0) return Ok{};
    if (fds[1].revents != 0 && screen_.on_keys(control)) return Ok{};
  }
}

}  // namespace tcpwatch
