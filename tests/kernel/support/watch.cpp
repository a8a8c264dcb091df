// SPDX-License-Identifier: Apache-2.0
#include "kernel/support/watch.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace tcpwatch::test {

std::set<std::string> denied_by_environment() {
  std::set<std::string> denied;
  const char* list = std::getenv("TCPWATCH_TEST_DENY");
  std::istringstream words(list ? list : "");
  for (std::string word; std::getline(words, word, ',');)
    if (!word.empty()) denied.insert(word);
  return denied;
}

Watch::Watch(std::uint32_t detail, std::set<std::string> denied)
    // An interrupt in the middle of our program has the kernel skip the steps that it makes, a
    // dozen at once where it is a batch of segments: on a busy machine that comes in every run of
    // all tests. With the second look on from the start their counts are exact. Tests of what is
    // skipped before that make a watch of their own.
    : Watch(TracerOptions{.detail = detail, .denied = std::move(denied), .look_again = true}) {}

Watch::Watch(const TracerOptions& options) {
  auto tracer = Tracer::start(options);
  if (!tracer) throw std::runtime_error(tracer.error().message + " | " + tracer.error().hint);
  tracer_ = std::move(*tracer);
  // Every look is an interval of its own, as short as can be.
  source_ = std::make_unique<LiveSource>(*tracer_, std::chrono::milliseconds(1), -1);
  look();
}

Watch& Watch::shared() {
  static Watch watch;
  watch.look();
  watch.connects.clear();
  watch.closes.clear();
  watch.drops.clear();
  watch.steps.clear();
  return watch;
}

void Watch::on_record(const Record& record) {
  model_.on_record(record);
  if (const auto* const* story = std::get_if<const tw_connect*>(&record))
    connects.push_back(**story);
  if (const auto* const* story = std::get_if<const tw_closed*>(&record)) closes.push_back(**story);
  if (const auto* const* story = std::get_if<const tw_drops*>(&record)) drops.push_back(**story);
  if (const auto* const* story = std::get_if<const tw_step_record*>(&record))
    steps.push_back(**story);
}

const Snapshot& Watch::look() {
  const auto result = source_->advance(*this);
  if (!result) throw std::runtime_error(result.error().message);
  snapshot_ = model_.snapshot();
  return *snapshot_;
}

const HookChoice* Watch::hook(const std::string& signal) const {
  for (const HookChoice& hook : snapshot_->hooks)
    if (hook.signal == signal && hook.chosen) return &hook;
  return nullptr;
}

bool Watch::exact(const std::string& signal) const {
  const HookChoice* chosen = hook(signal);
  return chosen && chosen->exact;
}

const Worker* Watch::worker(pid_t pid) const {
  for (const Worker& worker : snapshot_->workers)
    if (worker.id.pid == static_cast<std::uint32_t>(pid)) return &worker;
  return nullptr;
}

std::vector<const Listener*> Watch::listeners(std::uint64_t netns) const {
  std::vector<const Listener*> found;
  for (const Listener& listener : snapshot_->listeners)
    if (listener.netns == netns) found.push_back(&listener);
  return found;
}

const Listener* Watch::listener(const std::string& address, std::uint64_t netns) const {
  for (const Listener* listener : listeners(netns))
    if (listener->address == address) return listener;
  return nullptr;
}

const Destination* Watch::destination(const std::string& address, std::uint64_t netns) const {
  for (const Destination& destination : snapshot_->destinations)
    if (destination.netns == netns && destination.address == address) return &destination;
  return nullptr;
}

std::vector<tw_closed> Watch::closes_in(std::uint64_t netns) const {
  std::vector<tw_closed> found;
  std::ranges::copy_if(closes, std::back_inserter(found),
                       [&](const tw_closed& story) { return story.remote.netns == netns; });
  return found;
}

std::vector<tw_connect> Watch::connects_in(std::uint64_t netns) const {
  std::vector<tw_connect> found;
  std::ranges::copy_if(connects, std::back_inserter(found),
                       [&](const tw_connect& story) { return story.remote.netns == netns; });
  return found;
}

}  // namespace tcpwatch::test
