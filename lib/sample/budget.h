/* SPDX-License-Identifier: MIT */
/*
 * The CPU budget: the share of one CPU that ticks may use, and the gap between ticks that follows
 * from it and from how much the memory moves.
 *
 *	moving    the gap is 1 ms or, as the bucket empties, longer; up to 4 ms while nothing moves
 *	resting   nothing has moved for 30 ms; the gap doubles with each tick, and signs shorten it
 *
 * If there is a grid, a tick is due at each of its points, too, whatever the budget allows.
 *
 * The budget is a bucket of CPU time. A tick takes its cost out of it, and time refills it:
 *
 *	budget 2 %        the bucket holds 40 ms, and 20 ms are added each second
 *	a tick of 250 us  160 ticks empty it; then one tick every 12.5 ms
 */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "sample/bucket.h"

enum budget_mode {
	BUDGET_FIXED,	 /* ticks of the grid only */
	BUDGET_ADAPTIVE, /* ticks show whether memory moves, so they are never far apart */
	BUDGET_EVENTS,	 /* at rest, events show when memory begins to grow */
};

/* Signs of movement since the last tick. All can be false. */
enum budget_sign {
	BUDGET_NO_SIGN,
	BUDGET_WEAK,   /* the tree has run, or the machine has less free memory */
	BUDGET_STRONG, /* the tree has taken page faults */
};

struct budget {
	enum budget_mode mode;
	int64_t interval_ns;
	bool grid;	  /* a tick is due at each interval after the first tick */
	struct bucket bucket;

	/* as of the last tick */
	bool resting;
	int64_t tick_cost_ns; /* average of the last ticks */
	uint64_t grid_points,
	    grid_missed; /* so far; missed: no tick was taken until the next one */

	/* private to budget.c; times are of the monotonic clock, costs are CPU time */
	int64_t last_ns;      /* the last tick; 0: none yet */
	int64_t gap_ns;	      /* from there to the next, unless memory grows */
	int64_t grid_ns;      /* the next point of the grid */
	int64_t moved_ns;     /* the last tick that found movement */
	uint64_t total_kib, marks_kib; /* at the last tick */
	enum budget_sign sign;	       /* since then */
	bool doubtful;		       /* the last signs were false */
	bool paused;		       /* there were no processes since then */
};

/* MODE may be changed later, but not from or to BUDGET_FIXED. */
void budget_init(
    struct budget *b, enum budget_mode mode, int64_t interval_ns, bool grid, double cpu_share);

/* Note a sign. A tick is due for it, but only a part of the budget is for ticks that follow false
 * signs. */
void budget_note(struct budget *b, enum budget_sign sign);

/* Note that there are no processes, so that no tick is missed until the next one. */
void budget_pause(struct budget *b);

/* Return when the next tick is due. */
int64_t budget_due_ns(const struct budget *b);

/* Return when the budget allows the next tick, however much memory grows. */
int64_t budget_affordable_ns(const struct budget *b);

struct budget_tick {
	int64_t now_ns;
	int64_t cost_ns; /* CPU time used since the tick before */
	uint64_t total_kib, marks_kib;
	bool moved; /* processes were created or have exited */
	bool extra; /* the cost is not of this budget */
};

void budget_add_tick(struct budget *b, const struct budget_tick *t);

/* Return how much CPU time work other than ticks may use at NOW_NS: from the bucket, as ticks do.
 */
int64_t budget_left_ns(const struct budget *b, int64_t now_ns);

/* Return the growth, in KiB, that matters. */
uint64_t budget_step_kib(const struct budget *b);

#endif
