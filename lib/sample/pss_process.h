/* SPDX-License-Identifier: MIT */
/*
 * The state of a process that pss_sharing.c keeps from one tick to the next.
 */
#ifndef PSS_PROCESS_H
#define PSS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct pss_saved {
	uint64_t saved_kib, common_kib;
};

struct pss_process {
	bool seen; /* it was sampled */
	bool read; /* PSS was read since it executed its program; the next line is as of then */
	uint64_t rss_kib, pss_kib, uss_kib, faults;
	bool failed, refused; /* it could not be read the last time, or several times */
	bool copied;	     /* since then, a child has begun as a copy of it */
	uint64_t saved_kib;  /* of its RSS, at least so much is not in its PSS */
	uint64_t common_kib; /* by so much the PSS of others can rise if it exits, or has risen */
	struct pss_saved before;   /* the last read */
	struct pss_saved executed; /* when it executed its program */
	uint64_t tick_rss_kib, tick_private_kib, tick_faults; /* at the last tick */
	int64_t ahead_kib, most_ahead_kib;  /* of a page for each fault since the read, by how much
					       that was more than the growth: now, at most */
};

#endif
