/* SPDX-License-Identifier: MIT */
/* The smaller and the larger of two numbers, and how far they are apart. */
#ifndef MINMAX_H
#define MINMAX_H

#include <stdint.h>

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Return A - B, or 0 if that is negative. */
static inline uint64_t above_u64(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static inline uint64_t apart_u64(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static inline int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t max_i64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
