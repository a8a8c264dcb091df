// SPDX-License-Identifier: Apache-2.0
#include "capture/capture_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fixed_text.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {
namespace {

std::uint64_t begin_of(const FileReader& file) {
  for (const IndexEntry& entry : file.blocks())
    if (entry.block.type == BlockType::kRecords) return entry.block.first_time;
  return 0;
}

// Where the wall clock is when the host's other clock begins: at its boot, or nearly.
double booted(const FileReader& file) {
  return static_cast<double>(file.header().realtime_ns - file.header().monotonic_ns) * 1e-9;
}

bool belong_together(const FileReader& a, const FileReader& b) {
  constexpr double kNearly = 60;  // seconds that a wall clock may be set by meanwhile
  if (text_of(a.header().host) != text_of(b.header().host)) return false;
  // A damaged header knows no boot.
  if (a.damage().header || b.damage().header) return std::abs(booted(a) - booted(b)) < kNearly;
  return a.header().boot_id == b.header().boot_id;
}

}  // namespace

Result<std::vector<CaptureSet>> CaptureSet::open(std::span<const std::string> paths) {
  std::vector<CaptureSet> sets;
  for (const std::string& path : paths) {
    auto file = FileReader::open(path);
    if (!file) return file.error();
    const auto same = std::ranges::find_if(
        sets, [&](const CaptureSet& set) { return belong_together(set.files_.front(), *file); });
    CaptureSet& set = same == sets.end() ? sets.emplace_back() : *same;
    set.files_.push_back(std::move(*file));
  }
  for (CaptureSet& set : sets) set.settle();
  return sets;
}

Result<CaptureSet> CaptureSet::open_one(std::span<const std::string> paths) {
  auto sets = open(paths);
  if (!sets) return sets.error();
  if (sets->size() == 1) return std::move(sets->front());
  return Error{ErrorKind::kUsage, "these captures are of several hosts or boots",
               "name those of one; `tcpwatch report` shows several side by side"};
}

void CaptureSet::settle() {
  std::ranges::stable_sort(files_, {}, [](const FileReader& file) {
    return std::pair(begin_of(file), file.header().part);
  });
  for (const FileReader& file : files_) {
    if (wall_offset_ == 0) wall_offset_ = file.header().realtime_ns - file.header().monotonic_ns;
    for (const IndexEntry& entry : file.blocks()) {
      if (entry.block.type != BlockType::kRecords) continue;
      if (first_time_ == 0 || entry.block.first_time < first_time_)
        first_time_ = entry.block.first_time;
      last_time_ = std::max(last_time_, entry.block.last_time);
    }
  }
}

std::string CaptureSet::host() const { return std::string(text_of(files_.front().header().host)); }

Damage CaptureSet::damage() const {
  Damage all;
  for (const FileReader& file : files_) {
    all.blocks += file.damage().blocks;
    all.bytes += file.damage().bytes;
    all.torn |= file.damage().torn;
    all.header |= file.damage().header;
  }
  return all;
}

}  // namespace tcpwatch
