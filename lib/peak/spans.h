/* SPDX-License-Identifier: MIT */
/*
 * The sums of all ticks over time, in a bounded number of equal spans.
 *
 * A span keeps the largest values of the ticks in it (base/windows.h).
 */
#ifndef SPANS_H
#define SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "base/windows.h"

struct span {
	int64_t time_us;	     /* of the largest rss_kib; the first member, for windows */
	uint64_t rss_kib, bound_kib; /* the largest */
	int64_t first_us, last_us;   /* of the first and the last tick */
	uint64_t ticks;
	unsigned procs; /* at TIME_US */
};

struct spans {
	struct windows windows;
};

/* With a MAX of 0, no spans are kept. */
void spans_init(struct spans *s, size_t max);

/* Add a tick as a span of its own. */
void spans_add(struct spans *s, const struct span *tick);

/* Return the Ith span in order of time, or NULL if there are not so many. */
const struct span *spans_get(const struct spans *s, size_t i);

void spans_free(struct spans *s);

#endif
