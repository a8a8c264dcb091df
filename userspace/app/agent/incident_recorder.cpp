// SPDX-License-Identifier: Apache-2.0
#include "app/agent/incident_recorder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "app/recorder.h"
#include "base/clock.h"

namespace tcpwatch {
namespace {

std::uint64_t as_ns(std::chrono::nanoseconds duration) {
  return static_cast<std::uint64_t>(duration.count());
}

FlightLimits limits_of(const Settings& settings) {
  FlightLimits limits;
  limits.span_ns = as_ns(settings.capture_before);
  limits.after_ns = as_ns(settings.capture_after);
  limits.bytes = settings.capture_memory;
  limits.segment_ns = std::min(limits.segment_ns, std::max<std::uint64_t>(limits.span_ns / 4, 1));
  return limits;
}

}  // namespace

IncidentRecorder::IncidentRecorder(RecordSink& next, const Settings& settings, std::uint32_t detail)
    : next_(next), recorder_(new_recording(detail), limits_of(settings)) {
  set(settings);
}

void IncidentRecorder::set(const Settings& settings) {
  directory_ = settings.capture_directory;
  gap_ns_ = as_ns(settings.capture_gap);
  most_files_ = settings.capture_files;
  most_bytes_ = settings.capture_bytes;
  most_age_ns_ = as_ns(settings.capture_age);
}

std::string IncidentRecorder::write(const std::string& why, std::uint64_t now_ns, bool asked) {
  const bool fresh = !recorder_.writing();
  if (fresh && !asked && last_ns_ != 0 && now_ns - last_ns_ < gap_ns_) {
    ++held_back_;
    return fmt::format("no capture so soon after the last one: {}", why);
  }
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  const std::string path = directory_ + "/" + default_capture_name();
  const auto dumped = recorder_.dump(path);
  if (!dumped) {
    ++failed_;
    return dumped.error().message;
  }
  if (!fresh) return "the capture under way goes on for longer: " + why;
  told_ = false;
  last_ns_ = now_ns;
  last_realtime_ns_ = realtime_ns();
  ++written_;
  // The new one has a place of its own.
  remove_old_captures(directory_, {most_files_, most_bytes_, most_age_ns_}, realtime_ns());
  return fmt::format("capture {}: {}", path, why);
}

std::optional<Error> IncidentRecorder::trouble() {
  if (told_ || recorder_.result()) return std::nullopt;
  told_ = true;
  ++failed_;
  last_ns_ = 0;  // the next one need not wait
  return recorder_.result().error();
}

std::size_t remove_old_captures(const std::string& directory, const CaptureLimits& limits,
                                std::uint64_t realtime_ns) {
  struct File {
    std::string path;
    std::uint64_t modified_ns;
    std::uint64_t bytes;
  };
  std::vector<File> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    struct stat about{};
    if (!name.starts_with("tcpwatch-") || !name.ends_with(".tcpw") ||
        ::lstat(entry->path().c_str(), &about) != 0 || !S_ISREG(about.st_mode))
      continue;
    files.push_back({entry->path(),
                     static_cast<std::uint64_t>(about.st_mtim.tv_sec) * 1'000'000'000 +
                         static_cast<std::uint64_t>(about.st_mtim.tv_nsec),
                     static_cast<std::uint64_t>(about.st_size)});
  }
  std::ranges::sort(files, std::greater{}, &File::modified_ns);
  std::uint64_t kept = 0;
  std::uint64_t bytes = 0;
  std::size_t removed = 0;
  for (const File& file : files) {
    const bool old = realtime_ns > file.modified_ns && limits.age_ns != 0 &&
                     realtime_ns - file.modified_ns > limits.age_ns;
    const bool over = (limits.files != 0 && kept >= limits.files) ||
                      (limits.bytes != 0 && bytes + file.bytes > limits.bytes);
    // The newest stays, whatever it weighs.
    if (kept != 0 && (old || over) && std::filesystem::remove(file.path, error)) {
      ++removed;
      continue;
    }
    ++kept;
    bytes += file.bytes;
  }
  return removed;
}

}  // namespace tcpwatch
