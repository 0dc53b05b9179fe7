/* SPDX-License-Identifier: MIT */
/*
 * How much each group or process held over time, in a bounded number of windows (base/windows.h).
 *
 * A window keeps one tick: the one with the largest RSS. It lists at most HOLDINGS_MAX holders, the
 * largest; the sum covers all.
 */
#ifndef HOLDINGS_H
#define HOLDINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/slice.h"
#include "base/windows.h"

#define HOLDINGS_MAX 1000
#define HOLDINGS_NAMES_MAX 10000 /* names that appear later are one group, as in peaks */

enum holdings_by { HOLDINGS_BY_NAME, HOLDINGS_BY_PROCESS };

struct holding {
	uint32_t key; /* a process ID, or the number of a name */
	uint64_t rss_kib;
};

struct holdings_tick {
	int64_t time_us;  /* the first member, for windows */
	uint64_t rss_kib; /* the sum of all rows */
	uint64_t swap_kib;
	uint64_t footprint_kib; /* the largest sum of RSS and swap in the window */
	struct holding *v;
	size_t n;
};

struct holdings {
	struct windows windows;
	struct intern names; /* fields: escapes as in the stream */

	/* private to holdings.c */
	enum holdings_by by;
	struct holdings_tick now; /* the present tick */
	size_t cap;		  /* of now.v */
	struct holdings_last {
		uint64_t tick; /* the last one with this name */
		size_t at;     /* its place in now.v */
	} * last;
	size_t last_cap;
	uint64_t tick;
};

void holdings_init(struct holdings *h, enum holdings_by by, size_t windows);

/* Return the tick that the Ith window keeps, in order of time, or NULL if there are not so many. */
const struct holdings_tick *holdings_get(const struct holdings *h, size_t i);

/* Begin a tick at TIME_US; the rows that follow belong to it. */
void holdings_tick(struct holdings *h, int64_t time_us);
void holdings_row(struct holdings *h, uint32_t pid, struct slice name, uint64_t rss_kib);

/* Add what a process has in swap. */
void holdings_swap(struct holdings *h, uint64_t swap_kib);

/* End the last tick. */
void holdings_end(struct holdings *h);

void holdings_free(struct holdings *h);

#endif
