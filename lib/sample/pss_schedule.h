/*
 * When to read PSS. The kernel visits every page for it, so it is read in few ticks only, inside
 * the budget, and preferably at a new peak of the total.
 */
#ifndef PSS_SCHEDULE_H
#define PSS_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample/budget.h"

/* Starts as all zeros. */
struct pss_schedule {
	int64_t last_ns;	/* when PSS was last read; 0: never */
	uint64_t last_kib;	/* the total RSS then */
	uint64_t peak_kib;	/* the largest total RSS at which PSS was read */
	uint64_t tick_kib;	/* the total RSS at the last tick */
	int64_t grown_ns;	/* the last tick at which the total grew */
	double process_cost_ns; /* of reading one process, as measured */
	double kib_cost_ns;	/* of one KiB of its memory, as measured */
};

/* The results of a tick. */
struct pss_schedule_tick {
	int64_t now_ns;
	uint64_t total_kib; /* RSS */
	size_t processes;
};

/* Return whether to read PSS in this tick. Call this at every tick. */
bool pss_schedule_is_due(
    struct pss_schedule *p, const struct budget *budget, const struct pss_schedule_tick *t);

/* Note that PSS was read in this tick, for COST_NS of CPU time. */
void pss_schedule_add(struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost_ns);

#endif
