/*
 * When to read PSS: the kernel looks at every page for it, so it is read in few
 * ticks only, inside the budget, and at new peaks of the total first.
 */
#ifndef PSS_SCHEDULE_H
#define PSS_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "sample/budget.h"

/* Starts as all zeros. */
struct pss_schedule {
	int64_t last_ns;   /* the last time it was read; 0: never */
	uint64_t last_kib; /* the total then, */
	uint64_t peak_kib; /* and the largest of all these times */
	uint64_t tick_kib; /* the total at the last tick, */
	int64_t grown_ns;  /* and when it was last seen to grow */
	double process_ns; /* what it costs, as learnt: for each process, */
	double kib_ns;	   /* and for each KiB of the total */
};

/* What a tick found. */
struct pss_schedule_tick {
	int64_t now_ns;
	uint64_t total_kib; /* RSS */
	size_t processes;
};

/* Whether to read it in this tick. To be asked at each. */
int pss_schedule_is_due(struct pss_schedule *p, const struct budget *pace, const struct pss_schedule_tick *t);

/* It was read in this tick, for COST_NS of CPU. */
void pss_schedule_read(struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost_ns);

#endif
