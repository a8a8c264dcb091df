// SPDX-License-Identifier: Apache-2.0
#include "app/live_screen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace tcpwatch {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// "tcpwatch-20251121T014512Z.txt"
std::string file_name(std::uint64_t realtime_ns) {
  std::string time = format_rfc3339(realtime_ns);
  time = time.substr(0, time.find('.')) + "Z";
  std::erase_if(time, [](char byte) { return byte == '-' || byte == ':'; });
  return "tcpwatch-" + time + ".txt";
}

}  // namespace

LiveScreen::LiveScreen(Terminal& terminal, Filter filter, const Thresholds& limits,
                       std::chrono::nanoseconds interval)
    : terminal_(terminal), filter_(std::move(filter)), judge_(limits) {
  state_.width = terminal_.width();
  state_.height = terminal_.height();
  state_.interval = interval;
  Frame frame(state_.width, state_.height);
  frame.put(0, 0, "tcpwatch: attaching to the kernel…");
  terminal_.show(frame);
}

void LiveScreen::draw() {
  page_ = compose(shown_.scene(), state_);
  Picture picture = render(shown_.scene(), state_, page_);
  spots_ = std::move(picture.spots);
  terminal_.show(picture.frame);
}

void LiveScreen::on_tick(std::shared_ptr<const Snapshot> snapshot) {
  take_in(std::move(snapshot));
  if (state_.frozen) return;
  shown_ = latest_;
  draw();
}

void LiveScreen::take_in(std::shared_ptr<const Snapshot> snapshot) {
  latest_.history.add(*snapshot);
  latest_.snapshot = filter_.everything()
                         ? std::move(snapshot)
                         : std::make_shared<const Snapshot>(filtered(*snapshot, filter_));
  judge_.add(latest_.snapshot);
  latest_.findings = finding_lines(judge_.judge());
}

void LiveScreen::show(const Shown& shown, const std::string& replay) {
  state_.replay = replay;
  shown_ = shown;
  draw();
}

void LiveScreen::tell(const std::string& notice) {
  state_.notice = notice;
  draw();
}

bool LiveScreen::on_keys(const ScreenControl& control) {
  const std::vector<Key> keys = terminal_.keys();
  if (keys.empty()) return terminal_.hung_up();
  for (const Key& key : keys) {
    if (!page_.rows) draw();  // before the first tick
    if (state_.overlay == Overlay::kNone && control.take && control.take(key)) continue;
    const bool frozen = state_.frozen;
    const auto interval = state_.interval;
    Handled handled = handle(key, state_, page_, spots_);
    state_ = std::move(handled.state);
    if (handled.action == ScreenAction::kQuit) return true;
    if (handled.action == ScreenAction::kSave) save();
    if (handled.action == ScreenAction::kCapture && control.capture)
      state_.notice = control.capture();
    if (interval != state_.interval && control.set_interval) control.set_interval(state_.interval);
    if (frozen && !state_.frozen) shown_ = latest_;
    draw();
  }
  return false;
}

// A new file, never one that is there (nor what a link points to): tcpwatch runs as root.
void LiveScreen::save() {
  const std::string name = file_name(shown_.snapshot->realtime_ns);
  const std::string text = render(shown_.scene(), state_, page_).frame.text();
  const UniqueFd file(
      ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  const bool written = file && write_all(file.get(), text);
  state_.notice =
      written ? "saved " + name : fmt::format("cannot save {}: {}", name, std::strerror(errno));
}

}  // namespace tcpwatch
