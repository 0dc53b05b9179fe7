/* SPDX-License-Identifier: MIT */
/*
 * The state of a process that bound.c keeps from one tick to the next.
 */
#ifndef BOUND_PROCESS_H
#define BOUND_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct bound_process {
	bool known; /* it was sampled; what follows is as of the last sample that was not taken in
		       execve(2), where the memory of the old program is still being freed */
	uint64_t rss_kib, own_kib, mark_kib, faults; /* own_kib: without files and shared memory */
	uint64_t children_faults; /* as last read */
	bool reaped; /* children of it have been waited for since children_faults was read, which */
	uint64_t reaped_faults; /* are known to have taken this many */
	double kib_per_fault;	  /* by how much a page fault let it grow lately */
	bool outgrows_faults;	  /* it has grown without faults: it mapped large folios of files */
	bool copies_itself;	  /* children of it have begun with a copy of its memory */
	uint64_t most_kib; /* the most it can have had in the present interval */
};

#endif
