/* SPDX-License-Identifier: MIT */
/*
 * How much memory comes with page faults, as learned from the processes that were sampled.
 */
#ifndef FAULT_CURVE_H
#define FAULT_CURVE_H

#include <stdint.h>

#define FAULT_CURVE_CLASSES 128 /* four for each power of two */

/* Starts as all zeros. */
struct fault_curve {
	uint64_t kib[FAULT_CURVE_CLASSES]; /* the largest mark of a process with so many faults */
};

/* Return how much a fault brings in at most: a page, of a file that is in the page cache also some
 * around it. */
uint64_t fault_curve_most_kib(void);

/* Note that a process with FAULTS faults had a high-water mark of MARK_KIB. */
void fault_curve_learn(struct fault_curve *c, uint64_t faults, uint64_t mark_kib);

/* Return what a process can have had that has taken FAULTS in all, by those that took about as
 * many. */
uint64_t fault_curve_kib(const struct fault_curve *c, uint64_t faults);

#endif
