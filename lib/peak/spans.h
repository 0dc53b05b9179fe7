/*
 * The course of a total over time in a bounded number of equal spans: each
 * keeps its largest value. When they are used up, they get twice as long.
 */
#ifndef SPANS_H
#define SPANS_H

#include <stddef.h>
#include <stdint.h>

struct span {
	uint64_t rss_kib, bound_kib; /* the largest */
	int64_t time_us;	     /* when the largest rss_kib was */
	int64_t first_us, last_us;   /* the ticks it covers */
	uint64_t ticks;		     /* 0: none fell into it */
	unsigned procs;
};

struct spans {
	struct span *v;
	size_t max;
	int64_t start_us, width_us; /* width 0: nothing added yet */
};

void spans_init(struct spans *s, size_t max);
void spans_add(struct spans *s, const struct span *tick);
void spans_free(struct spans *s);

#endif
