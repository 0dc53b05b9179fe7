/*
 * How much each group or process held over time, in a bounded number of windows.
 *
 * A window covers an equal part of the time and keeps one tick: the one with the largest sum. When the windows are
 * used up, each becomes twice as long. A window lists at most HOLDINGS_MAX holders, the largest; the sum covers all.
 */
#ifndef HOLDINGS_H
#define HOLDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/slice.h"

#define HOLDINGS_MAX 1000
#define HOLDINGS_NAMES_MAX 10000 /* names that appear later are one group, as in peaks */

enum holdings_by { HOLDINGS_BY_NAME, HOLDINGS_BY_PROCESS };

struct holding {
	uint32_t key; /* a process ID, or the number of a name */
	uint64_t rss_kib;
};

struct holdings_tick {
	int64_t time_us;
	uint64_t rss_kib; /* the sum of all rows */
	struct holding *v;
	size_t n;
	bool used; /* false: the window has no tick */
};

struct holdings {
	struct holdings_tick *window;
	size_t windows;
	struct intern names; /* fields: escapes as in the stream */

	/* private to holdings.c */
	enum holdings_by by;
	int64_t start_us, width_us; /* width 0: no tick yet */
	struct holdings_tick now;   /* the present tick */
	size_t cap;		    /* of now.v */
	struct holdings_last {
		uint64_t tick; /* the last one with this name */
		size_t at;     /* its place in now.v */
	} *last;
	size_t last_cap;
	uint64_t tick;
};

void holdings_init(struct holdings *h, enum holdings_by by, size_t windows);

/* Begin a tick at TIME_US; the rows that follow belong to it. */
void holdings_tick(struct holdings *h, int64_t time_us);
void holdings_row(struct holdings *h, uint32_t pid, struct slice name, uint64_t rss_kib);

/* End the last tick. */
void holdings_end(struct holdings *h);

void holdings_free(struct holdings *h);

#endif
