// SPDX-License-Identifier: Apache-2.0
#include "base/histogram.h"

#include <algorithm>
#include <cmath>

namespace tcpwatch {
namespace {

constexpr double kNanosecond = 1e-9;

// The last bucket takes all that is above: its top is where it would end were it like the others.
double top_of(std::uint32_t bucket) {
  return static_cast<double>(tw_bucket_floor_ns(bucket + 1)) * kNanosecond;
}

double middle_of(std::uint32_t bucket) {
  const double floor = static_cast<double>(tw_bucket_floor_ns(bucket)) * kNanosecond;
  return (floor + top_of(bucket)) / 2;
}

}  // namespace

void Histogram::add(std::uint32_t bucket, std::uint64_t count) {
  if (count == 0) return;
  bucket = std::min<std::uint32_t>(bucket, TW_BUCKETS - 1);
  total_ += count;
  auto place = cells_.end();
  // Whoever copies a kernel histogram adds its buckets in order: then there is nothing to search.
  if (!cells_.empty() && cells_.back().bucket >= bucket) {
    place = std::ranges::lower_bound(cells_, bucket, {}, &Cell::bucket);
    if (place->bucket == bucket) {
      place->count += count;
      return;
    }
  }
  cells_.insert(place, Cell{bucket, count});
}

void Histogram::merge(const Histogram& other) {
  sum_ += other.sum_;
  total_ += other.total_;
  std::vector<Cell> merged;
  merged.reserve(cells_.size() + other.cells_.size());
  auto mine = cells_.begin();
  auto theirs = other.cells_.begin();
  while (mine != cells_.end() || theirs != other.cells_.end()) {
    if (theirs == other.cells_.end() || (mine != cells_.end() && mine->bucket < theirs->bucket)) {
      merged.push_back(*mine++);
    } else if (mine == cells_.end() || theirs->bucket < mine->bucket) {
      merged.push_back(*theirs++);
    } else {
      merged.push_back(Cell{mine->bucket, mine->count + theirs->count});
      ++mine;
      ++theirs;
    }
  }
  cells_ = std::move(merged);
}

std::optional<double> Histogram::quantile(double q) const {
  if (total_ == 0) return std::nullopt;
  // The value of the rank'th smallest, counted from 1: q 0 is the smallest, q 1 the largest.
  const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total_));
  std::uint64_t rank = wanted > 1 ? static_cast<std::uint64_t>(wanted) : 1;
  for (const Cell& cell : cells_) {
    if (rank <= cell.count) return middle_of(cell.bucket);
    rank -= cell.count;
  }
  return middle_of(cells_.back().bucket);  // the rank was rounded up beyond 2^53
}

std::optional<double> Histogram::max() const {
  if (total_ == 0) return std::nullopt;
  return top_of(cells_.back().bucket);
}

}  // namespace tcpwatch
