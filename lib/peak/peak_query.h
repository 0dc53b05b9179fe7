/* SPDX-License-Identifier: MIT */
/*
 * Questions about the peaks so far, for a program that acts while samples arrive.
 */
#ifndef PEAK_QUERY_H
#define PEAK_QUERY_H

#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"
#include "peak/peak.h"

/* A peak. All zeros: there is none yet. */
struct peak_held {
	uint64_t kib;
	unsigned procs;	   /* that held it */
	pid_t pid;	   /* of a process */
	struct slice name; /* of a process; valid until the next sample */
};

/* Return the peak of the tree, of the ticks that have ended. */
struct peak_held peak_query_total(const struct peak *k);

/* Return the peak of the last process with PID, with what its present sample proves, in KiB; 0 if
 * there is none. */
uint64_t peak_query_process(const struct peak *k, pid_t pid);

/* Return the largest peak of a process. */
struct peak_held peak_query_largest(const struct peak *k);

/* End the input: from now on, the peaks have what is known only then. */
void peak_query_end(struct peak *k);

#endif
