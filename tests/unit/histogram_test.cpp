// SPDX-License-Identifier: Apache-2.0
#include "base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "support/random.h"

namespace tcpwatch {
namespace {

const std::uint64_t kTopNs = tw_bucket_floor_ns(TW_BUCKETS);

Histogram histogram_of(const std::vector<std::uint64_t>& nanoseconds) {
  Histogram histogram;
  for (const std::uint64_t ns : nanoseconds) histogram.add(tw_bucket_of(ns), 1);
  return histogram;
}

// Durations as they come: mostly of one size, some of any other.
std::vector<std::uint64_t> random_durations(test::Random& random) {
  std::vector<std::uint64_t> values(random.number(1, 2000));
  const double centre = random.real(3, 11);  // log10 of ns: 1 us to 100 s
  for (std::uint64_t& value : values) {
    const double log =
        random.number(0, 9) == 0 ? random.real(0, 11.3) : centre + random.real(-1, 1);
    value = std::min(static_cast<std::uint64_t>(std::pow(10, log)), kTopNs - 1);
  }
  return values;
}

TEST(Buckets, FloorIsTheSmallestValueOfItsBucket) {
  for (std::uint32_t bucket = 0; bucket < TW_BUCKETS; ++bucket) {
    EXPECT_EQ(tw_bucket_of(tw_bucket_floor_ns(bucket)), bucket);
    EXPECT_EQ(tw_bucket_of(tw_bucket_floor_ns(bucket + 1) - 1), bucket);
  }
}

TEST(Buckets, LastTakesAllThatIsAbove) {
  EXPECT_EQ(tw_bucket_of(kTopNs), TW_BUCKETS - 1u);
  EXPECT_EQ(tw_bucket_of(~std::uint64_t{0}), TW_BUCKETS - 1u);
}

TEST(Buckets, AreAtMostAQuarterWide) {
  for (std::uint32_t bucket = TW_BUCKETS_PER_OCTAVE; bucket < TW_BUCKETS; ++bucket) {
    const double floor = static_cast<double>(tw_bucket_floor_ns(bucket));
    EXPECT_LE(static_cast<double>(tw_bucket_floor_ns(bucket + 1)), floor * 1.25) << bucket;
  }
}

TEST(Histogram, EmptyHasNoQuantile) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_FALSE(histogram.quantile(0.5));
  EXPECT_FALSE(histogram.max());
}

TEST(Histogram, NothingAddedMakesNoCell) {
  Histogram histogram;
  histogram.add(7, 0);
  EXPECT_TRUE(histogram.cells().empty());
  EXPECT_FALSE(histogram.max());
}

TEST(Histogram, OneValue) {
  Histogram histogram;
  histogram.add(tw_bucket_of(17'600'000), 1);  // 17.6 ms lies in 16.384 to 20.48 ms
  for (const double q : {0.0, 0.5, 0.99, 1.0}) EXPECT_NEAR(*histogram.quantile(q), 0.018432, 1e-9);
  EXPECT_NEAR(*histogram.max(), 0.020480, 1e-9);
}

TEST(Histogram, QuantilesBeyondTheEndsAndNoNumber) {
  Histogram histogram;
  histogram.add(4, 1);
  histogram.add(40, 1);
  EXPECT_EQ(histogram.quantile(-1), histogram.quantile(0));
  EXPECT_EQ(histogram.quantile(2), histogram.quantile(1));
  EXPECT_EQ(histogram.quantile(std::nan("")), histogram.quantile(0));
}

TEST(Histogram, BucketBeyondTheLastCountsInTheLast) {
  Histogram histogram;
  histogram.add(TW_BUCKETS + 100, 3);
  ASSERT_EQ(histogram.cells().size(), 1u);
  EXPECT_EQ(histogram.cells()[0].bucket, TW_BUCKETS - 1u);
}

TEST(Histogram, HugeCounts) {
  Histogram histogram;
  histogram.add(10, std::uint64_t{1} << 62);
  histogram.add(20, (std::uint64_t{1} << 62) + 1);
  EXPECT_LT(*histogram.quantile(0.49), *histogram.quantile(0.51));
  EXPECT_EQ(*histogram.quantile(1), *histogram.quantile(0.51));
}

TEST(HistogramProperty, CellsAreSortedAndComplete) {
  test::Random random;
  for (int round = 0; round < 200; ++round) {
    Histogram histogram;
    std::map<std::uint32_t, std::uint64_t> expected;
    for (int i = 0; i < 50; ++i) {
      const auto bucket = static_cast<std::uint32_t>(random.number(0, TW_BUCKETS - 1));
      const std::uint64_t count = random.number(0, 5);
      histogram.add(bucket, count);
      if (count != 0) expected[bucket] += count;
    }
    std::map<std::uint32_t, std::uint64_t> cells;
    for (const auto& cell : histogram.cells()) cells[cell.bucket] = cell.count;
    EXPECT_EQ(cells, expected);
    EXPECT_EQ(cells.size(), histogram.cells().size());
    EXPECT_TRUE(std::ranges::is_sorted(histogram.cells(), {}, &Histogram::Cell::bucket));
  }
}

TEST(HistogramProperty, QuantilesAreWithinTheirBoundOfTheTruth) {
  test::Random random;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> values = random_durations(random);
    const Histogram histogram = histogram_of(values);
    std::ranges::sort(values);
    for (const double q : {0.0, 0.1, 0.5, 0.9, 0.99, 1.0, random.real(0, 1)}) {
      const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
      const double truth = static_cast<double>(values[rank == 0 ? 0 : rank - 1]) * 1e-9;
      // Below 4 us a bucket is 1 us wide, whatever share that is.
      const double bound = std::max(0.125 * truth, 0.5e-6) * (1 + 1e-9);
      EXPECT_NEAR(*histogram.quantile(q), truth, bound) << "q " << q;
    }
    const double largest = static_cast<double>(values.back()) * 1e-9;
    EXPECT_GT(*histogram.max(), largest);
    EXPECT_LE(*histogram.max(), std::max(largest * 1.25, largest + 1e-6) * (1 + 1e-9));
  }
}

TEST(HistogramProperty, QuantilesNeverFall) {
  test::Random random;
  const Histogram histogram = histogram_of(random_durations(random));
  double before = 0;
  for (double q = 0; q <= 1; q += 0.001) {
    EXPECT_GE(*histogram.quantile(q), before);
    before = *histogram.quantile(q);
  }
  EXPECT_LE(before, *histogram.max());
}

TEST(HistogramProperty, MergedIsTheSameAsAddedTogether) {
  test::Random random;
  for (int round = 0; round < 100; ++round) {
    const auto first = random_durations(random);
    const auto second = random_durations(random);
    std::vector<std::uint64_t> both = first;
    both.insert(both.end(), second.begin(), second.end());
    Histogram merged = histogram_of(first);
    merged.add_seconds(1.5);
    Histogram other = histogram_of(second);
    other.add_seconds(2);
    merged.merge(other);
    const Histogram expected = histogram_of(both);
    EXPECT_EQ(merged.count(), expected.count());
    EXPECT_DOUBLE_EQ(merged.sum(), 3.5);
    EXPECT_EQ(merged.max(), expected.max());
    for (const double q : {0.0, 0.25, 0.5, 0.99})
      EXPECT_EQ(merged.quantile(q), expected.quantile(q));
  }
}

TEST(Histogram, MergesWithItselfAndWithNothing) {
  Histogram histogram;
  histogram.add(3, 2);
  histogram.add_seconds(1);
  histogram.merge(histogram);
  histogram.merge(Histogram());
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_DOUBLE_EQ(histogram.sum(), 2);
}

}  // namespace
}  // namespace tcpwatch
