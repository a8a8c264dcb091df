// SPDX-License-Identifier: Apache-2.0
#include "app/recorder.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/clock.h"
#include "base/human.h"
#include "base/text.h"
#include "host/proc_file.h"
#include "host/sysctl.h"

namespace tcpwatch {
namespace {

bool is_story(const Record& record) {
  return std::visit([](const auto* typed) { return typed->header.kind < TW_KIND_HOST; }, record);
}

}  // namespace

std::string PartNames::name(std::uint32_t part) {
  std::string path = path_;
  if (numbered_) {
    const std::size_t end = path.ends_with(".tcpw") ? path.size() - 5 : path.size();
    path.insert(end, fmt::format("-{:04}", part));
  }
  kept_.push_back(path);
  while (most_ != 0 && kept_.size() > most_) {
    ::unlink(kept_.front().c_str());
    kept_.pop_front();
  }
  return path;
}

std::string PartNames::kept() const {
  if (kept_.empty()) return path_;
  return kept_.size() == 1 ? kept_.front() : fmt::format("{} to {}", kept_.front(), kept_.back());
}

Recorder::Recorder(const Recording& recording, const WriterLimits& limits, PartNames names,
                   TraceFilter filter)
    : names_(std::move(names)),
      filter_(std::move(filter)),
      writer_(recording, limits, [this](std::uint32_t part) { return names_.name(part); }) {}

Result<> Recorder::open() {
  auto opened = writer_.open();
  if (opened) background_ = std::make_unique<BackgroundWriter>(writer_);
  return opened;
}

void Recorder::on_record(const Record& record) {
  if (is_story(record) && !filter_.matches(record)) return;
  if (const auto* const* loss = std::get_if<const tw_loss*>(&record))
    kernel_lost_ =
        std::accumulate(std::begin((*loss)->lost), std::end((*loss)->lost), std::uint64_t{0});
  if (const auto* const* tick = std::get_if<const tw_tick*>(&record)) now_ = (*tick)->header.time;
  if (const auto* const* host = std::get_if<const tw_host*>(&record)) begin_ = (*host)->header.time;
  background_->on_record(record);
}

Result<> Recorder::finish() { return background_->finish(); }

void Recorder::discard() {
  const std::string path = writer_.path();
  (void)background_->finish();
  if (writer_.records() == 0) ::unlink(path.c_str());
}

std::string Recorder::summary() const {
  const auto number = [](std::uint64_t count) { return format_count(static_cast<double>(count)); };
  return fmt::format("{}  {} records  {}  {} lost",
                     format_seconds(static_cast<double>(now_ > begin_ ? now_ - begin_ : 0) * 1e-9),
                     number(background_->records()),
                     format_bytes(static_cast<double>(background_->written())),
                     number(kernel_lost_ + background_->dropped()));
}

Recording new_recording(std::uint32_t detail) {
  Recording recording;
  recording.detail = detail;
  if (::getrandom(&recording.session, sizeof recording.session, 0) < 0)
    recording.session = realtime_ns();
  std::string id;
  if (!read_file("/proc/sys/kernel/random/boot_id", id)) return recording;
  std::erase_if(id, [](char digit) { return digit == '-' || digit == '\n'; });
  for (std::size_t i = 0; i < recording.boot_id.size() && 2 * i + 2 <= id.size(); ++i)
    std::from_chars(id.data() + 2 * i, id.data() + 2 * i + 2, recording.boot_id[i], 16);
  return recording;
}

std::string default_capture_name() {
  char host[64] = "host";
  ::gethostname(host, sizeof host - 1);
  std::string safe = host;
  std::ranges::replace(safe, '/', '_');
  std::string time = format_rfc3339(realtime_ns());
  time = time.substr(0, time.find('.')) + "Z";
  std::erase_if(time, [](char byte) { return byte == '-' || byte == ':'; });
  return fmt::format("tcpwatch-{}-{}.tcpw", sanitize(safe), time);
}

}  // namespace tcpwatch
