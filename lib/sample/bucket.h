/* SPDX-License-Identifier: MIT */
/*
 * A token bucket of CPU time: a share of one CPU, of which the unused part of two seconds can be
 * used at once.
 */
#ifndef BUCKET_H
#define BUCKET_H

#include <stdint.h>

#include "base/minmax.h"

#define BUCKET_NS 2000000000LL

/* Starts as all zeros but for the share: the bucket is full. */
struct bucket {
	double cpu_share;    /* 0.02: 2 % of one CPU */
	int64_t spent_ns;    /* taken out and not refilled until SPENT_AT_NS */
	int64_t spent_at_ns; /* of the last time that some was taken out */
};

static inline int64_t bucket_size_ns(const struct bucket *b)
{
	return (int64_t)((double)BUCKET_NS * b->cpu_share);
}

/* Return what is missing at NOW_NS. */
static inline int64_t bucket_missing_ns(const struct bucket *b, int64_t now_ns)
{
	int64_t refilled = (int64_t)((double)(now_ns - b->spent_at_ns) * b->cpu_share);
	return max_i64(b->spent_ns - refilled, 0);
}

static inline void bucket_spend(struct bucket *b, int64_t now_ns, int64_t cost_ns)
{
	b->spent_ns = bucket_missing_ns(b, now_ns) + cost_ns;
	b->spent_at_ns = now_ns;
}

#endif
