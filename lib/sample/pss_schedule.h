/* SPDX-License-Identifier: MIT */
/*
 * When to read PSS. The kernel visits every page for it, so it has a budget of its own, and is read
 * when the tree can have a new peak of PSS.
 *
 * While memory grows, a read must be worth it, since there is a higher peak to come. The end of
 * growth is found soon, by ticks that are taken for it.
 */
#ifndef PSS_SCHEDULE_H
#define PSS_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample/bucket.h"

/* A peak is new if it is higher by this part: a read of PSS then shows a difference that the report
 * shows. */
#define PSS_NEW_PEAK_PART 64

/* Begin with pss_schedule_init. */
struct pss_schedule {
	/* private */
	struct bucket bucket;
	int64_t last_ns;	/* when PSS was last read; 0: never */
	uint64_t last_kib;	/* the total RSS then */
	uint64_t peak_kib;	/* the largest PSS that was read */
	uint64_t grown_kib;	/* the total RSS when it last grew, */
	int64_t grown_ns;	/* which was then */
	int64_t due_ns;		/* when to take a tick for it; INT64_MAX: never */
	double process_cost_ns; /* of reading one process, as measured */
	double kib_cost_ns;	/* of one KiB of its memory, as measured */
};

/* The results of a tick. */
struct pss_schedule_tick {
	int64_t now_ns;
	int64_t tick_cost_ns; /* what a tick costs */
	uint64_t total_kib;   /* RSS */
	uint64_t most_kib;    /* the largest PSS that it can have */
	bool aside;	      /* PSS is not asked for: old values and growth do not matter */
	size_t processes;     /* to read, */
	uint64_t rss_kib;     /* which have this RSS */
};

/* CPU_SHARE: the part of one CPU that reading PSS may use. */
void pss_schedule_init(struct pss_schedule *p, double cpu_share);

/* Return whether the tree can have a new peak of PSS, or whether the last values are old. Call this
 * at every tick. The work is not needed for it. */
bool pss_schedule_wants(struct pss_schedule *p, const struct pss_schedule_tick *t);

/* Return whether to read PSS in this tick, for which pss_schedule_wants has returned true. */
bool pss_schedule_is_due(struct pss_schedule *p, const struct pss_schedule_tick *t);

/* Return when a tick is due to find the end of growth, or because PSS can be read then; INT64_MAX:
 * no tick is needed. */
int64_t pss_schedule_due_ns(const struct pss_schedule *p);

/* Note that PSS was read in this tick, for COST_NS of CPU time, which is spent already. MOST_KIB of
 * the tick is what was read. */
void pss_schedule_add(struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost_ns);

/* Note CPU time that was used for PSS. */
void pss_schedule_spend(struct pss_schedule *p, int64_t now_ns, int64_t cost_ns);

#endif
