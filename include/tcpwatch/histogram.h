/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The one bucket function of tcpwatch's histograms, compiled by BPF and by C++ alike.
 *
 * Log-linear: four buckets per power of two, in microseconds. A bucket is at most 25 % wide, so
 * that its middle is at most 12.5 % from any value in it. The last bucket takes all that is above.
 */
#ifndef TCPWATCH_HISTOGRAM_H
#define TCPWATCH_HISTOGRAM_H

#include <linux/types.h>

#define TW_BUCKET_BITS 2
#define TW_BUCKETS_PER_OCTAVE (1 << TW_BUCKET_BITS)
#define TW_OCTAVES 26 /* up to 2^28 us = 268 s */
#define TW_BUCKETS (TW_BUCKETS_PER_OCTAVE * (TW_OCTAVES + 1))

/*
 * 2^step if the value has a bit at 2^step or above, else 0: by the borrow of a subtraction, since the
 * verifier walks both ways of every branch, and all that follows with each of them.
 */
static inline __attribute__((always_inline)) __u32 tw_upper_half(__u64 value, __u32 step)
{
	return (__u32)((((1ULL << (1U << step)) - 1 - value) >> 63) << step);
}

/* For values below 2^63. BPF has no "count leading zeroes". */
static inline __attribute__((always_inline)) __u32 tw_log2(__u64 value)
{
	__u32 half, log = 0;

	for (int step = 5; step >= 0; step--) {
		half = tw_upper_half(value, (__u32)step);
		value >>= half;
		log += half;
	}
	return log;
}

/* The bucket of a duration. */
static inline __attribute__((always_inline)) __u32 tw_bucket_of(__u64 nanoseconds)
{
	__u64 us = nanoseconds / 1000;
	__u32 octave, bucket;

	if (us < TW_BUCKETS_PER_OCTAVE)
		return (__u32)us;
	octave = tw_log2(us) - TW_BUCKET_BITS;
	bucket = TW_BUCKETS_PER_OCTAVE * octave + (__u32)(us >> octave);
	return bucket < TW_BUCKETS ? bucket : TW_BUCKETS - 1;
}

/* The smallest duration that falls into a bucket. */
static inline __u64 tw_bucket_floor_ns(__u32 bucket)
{
	__u32 octave;

	if (bucket < 2 * TW_BUCKETS_PER_OCTAVE)
		return (__u64)bucket * 1000;
	octave = bucket / TW_BUCKETS_PER_OCTAVE - 1;
	return ((__u64)(bucket % TW_BUCKETS_PER_OCTAVE + TW_BUCKETS_PER_OCTAVE) << octave) * 1000;
}

#endif
