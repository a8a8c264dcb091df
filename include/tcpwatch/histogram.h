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

static inline __attribute__((always_inline)) __u32 tw_log2(__u64 value)
{
	__u32 log = 0;

	/* BPF has no "count leading zeroes": six compares, no loop, no table. */
	if (value >> 32) {
		value >>= 32;
		log += 32;
	}
	if (value >> 16) {
		value >>= 16;
		log += 16;
	}
	if (value >> 8) {
		value >>= 8;
		log += 8;
	}
	if (value >> 4) {
		value >>= 4;
		log += 4;
	}
	if (value >> 2) {
		value >>= 2;
		log += 2;
	}
	return log + (__u32)(value >> 1);
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
