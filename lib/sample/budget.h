/*
 * The CPU budget: the share of one CPU that ticks may use, and the gap between ticks that follows
 * from it and from how much the memory moves.
 *
 * The budget is a bucket of CPU time. A tick takes its cost out of it, and time refills it:
 *
 *	budget 2 %        the bucket holds 14 ms, and 6 ms are added each second
 *	a tick of 250 us  56 ticks empty it; then one tick every 42 ms
 */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum budget_mode {
	BUDGET_FIXED,	 /* a tick at each interval; the budget is not kept */
	BUDGET_ADAPTIVE, /* ticks show whether memory moves, so they are never far apart */
	BUDGET_EVENTS,	 /* events show when memory begins to grow */
};

struct budget {
	enum budget_mode mode;
	int64_t interval_ns;
	double cpu_share; /* 0.02: 2 % of one CPU */

	/* private to budget.c; times are of the monotonic clock, costs are CPU time */
	int64_t last_ns;      /* the last tick; 0: none yet */
	int64_t gap_ns;	      /* from there to the next, unless memory grows */
	int64_t tick_cost_ns; /* average of the last ticks */
	int64_t spent_ns;     /* taken out of the bucket and not refilled, */
	int64_t spent_at_ns;  /* at this time */
	int64_t first_ns;     /* the first tick */
	int64_t used_ns;      /* by all since then */
	int64_t saving_from_ns;
	uint64_t total_kib; /* at the last tick */
	uint64_t grown_kib; /* by events, since then */
};

void budget_init(struct budget *b, enum budget_mode mode, int64_t interval_ns, double cpu_share);

/* Note that memory may have grown by KIB since the last tick. */
void budget_grow(struct budget *b, uint64_t kib);

/* Return when the next tick is due. */
int64_t budget_due_ns(const struct budget *b);

/* Return when the budget allows the next tick, however much memory grows. */
int64_t budget_affordable_ns(const struct budget *b);

/* Note a tick at NOW_NS that found TOTAL_KIB. COST_NS of CPU were used since the tick before.
 * MOVED: processes were created or have exited, or a high-water mark rose. */
void budget_add_tick(
    struct budget *b, int64_t now_ns, int64_t cost_ns, uint64_t total_kib, bool moved);

/* Return how much CPU time work other than ticks may use at NOW_NS: from the bucket, as ticks do.
 */
int64_t budget_left_ns(const struct budget *b, int64_t now_ns);

/* Return how much it may use instead from savings: a part of what ticks have left over since work
 * other than ticks last used the savings. */
int64_t budget_saved_ns(const struct budget *b, int64_t now_ns);

/* Note that such work used COST_NS: from the bucket, or from the savings if that is not enough. */
void budget_use(struct budget *b, int64_t now_ns, int64_t cost_ns);

/* Return the growth, in KiB, that a tick is taken for at once. */
uint64_t budget_step_kib(const struct budget *b);

#endif
