/* SPDX-License-Identifier: MIT */
/*
 * The largest RSS that the tree can have had at one moment between two ticks.
 *
 * The most that each process can have had follows from its samples, its high-water mark and its
 * page faults. The bound is the largest sum over processes that can have existed at one moment:
 *
 *	            tick                       tick
 *	make        3 MiB -------------------- 3 MiB
 *	cc1         40 MiB ------- exits
 *	cc1                           created --- 25 MiB
 *	at most     43 MiB         3           28
 *
 * The bound of this interval is 43 MiB and not 68 MiB, if the system reports when processes are
 * created and exit (tree.in_order). If it does not, all processes of the interval are added.
 */
#ifndef BOUND_H
#define BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/huge_pages.h"
#include "sample/fault_curve.h"
#include "sample/overlap.h"
#include "sample/tree.h"

struct bound {
	bool with_pss;	/* set pss_kib */
	pid_t command;	/* the command if it has exited and its peak is known, or 0 */
	uint64_t command_kib; /* its peak */
	uint64_t waited_kib;  /* the largest RSS of a process that the launcher has waited for, or
				 that a child of the launcher has; 0: not known */

	/* as of the last bound_of_tick */
	uint64_t pss_kib; /* the same bound without what pss_sharing.c has found shared */
	size_t exited; /* processes that exited in the interval after they had been sampled */
	size_t unseen; /* processes that were created and exited in it */

	/* private to bound*.c */
	struct overlap sum, pss_sum;
	struct fault_curve curve;
	struct huge_pages huge_pages;
	uint64_t huge_pages_then, huge_pages_now; /* at the begin of the last tick and of this one */
	uint64_t huge_pages_given; /* since the begin of the last tick */
	uint64_t late_faults; /* that processes took after their last samples */
	uint64_t page_kib, mark_error_kib;
	struct process *zombie; /* exited, and not waited for yet */
	size_t zombies, zombie_cap;
	struct bound_ancestor {
		struct process process;
		uint64_t faults; /* its children_faults that belong to the past */
		uint64_t next;	 /* its children_faults as of the begin of a tick since then */
		uint64_t inherited; /* of those since then, faults of an ancestor that has exited */
		bool waited;	 /* it can have waited for a process of the tree */
		bool adopts;	 /* it may adopt orphans */
	} *ancestor;		 /* each before its parent */
	size_t ancestors, ancestor_cap;
	int64_t ancestors_ns; /* when they were last read */
	bool reaping; /* parents have waited for children since they were read */
	uint64_t orphan_faults; /* of exited processes without a living parent, that are to appear in
				   the faults of another process when that is waited for */
	uint64_t unseen_faults; /* of an unseen process, on average */
};

void bound_init(struct bound *b);

/* Begin the tick at NOW_NS: to be called before the processes of TREE are read. */
void bound_begin_tick(struct bound *b, const struct tree *tree, int64_t now_ns);

/*
 * Return the bound in KiB for the time from FROM_NS, the tick before, to TO_NS, the present tick,
 * of which TREE holds the samples. To be called for each tick.
 */
uint64_t bound_of_tick(struct bound *b, struct tree *tree, int64_t from_ns, int64_t to_ns);

void bound_free(struct bound *b);

#endif
