/* SPDX-License-Identifier: MIT */
/*
 * How much of its memory a tree shares: as last read, and what can have become of it since.
 *
 * The PSS of a tree is its RSS less what is saved by sharing. After PSS was read, growth adds to
 * both. A page fault can end the sharing of a page, and a process that frees memory or exits leaves
 * its part to the others. A child that fork(2) creates shares all of its memory:
 *
 *	               RSS             saved      PSS at most
 *	read           300             0          300
 *	fork(2)        300 + 300       300        300
 *	100 faults     300 + 300       300 - 0.4  300.4      (in MiB, with pages of 4 KiB)
 *
 * Processes that are not of the tree are taken to go on sharing what they share.
 */
#ifndef PSS_SHARING_H
#define PSS_SHARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample/tree.h"

/* Begins as all zeros. */
struct pss_sharing {
	uint64_t most_kib;   /* the largest PSS that the tree can have at this tick */
	uint64_t spread_kib; /* PSS can be higher by so much than the sum of RSS less saved_kib of
				the processes, and of what those lose that others leave */

	/* private to pss_sharing.c */
	uint64_t total_kib, saved_kib; /* sums over the tree */
	uint64_t lost_kib;    /* of what was saved at the last read, so much may not be any more, */
	uint64_t leaving_kib; /* and so much because of processes whose memory is being freed */
	uint64_t executed_kib; /* and so much because of processes that have executed a program */
	uint64_t least_kib; /* a difference below this does not matter in one process */
	bool moved; /* processes were created, executed a program or exited since the last read */
	uint64_t page_kib;
	bool just_read; /* at the last tick, */
	int64_t read_from_ns, read_to_ns; /* in this time; */
	uint64_t lost_before_kib; /* lost_kib before that */
	int64_t faults_ns; /* when the faults of all sharers were last read */
};

/* The work of a read. */
struct pss_sharing_work {
	size_t processes;
	uint64_t rss_kib; /* of these */
};

/* Update the state of the processes of TREE, after tree_read. If EXACT, also read page faults that
 * tree_read had no reason to read, from time to time. */
void pss_sharing_update(struct pss_sharing *s, struct tree *tree, int64_t now_ns, bool exact);

/* Return the processes whose PSS can have changed since it was read. */
struct pss_sharing_work pss_sharing_work(const struct pss_sharing *s, const struct tree *tree);

/*
 * Read PSS and USS where they can have changed. Set pss_known, pss_kib and uss_kib of every sampled
 * process; PSS is at most the RSS of the tick. Return the sum, with the RSS of processes whose PSS
 * may not be read.
 */
uint64_t pss_sharing_read(struct pss_sharing *s, struct tree *tree);

#endif
