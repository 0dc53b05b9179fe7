/* SPDX-License-Identifier: MIT */
/*
 * The largest sum of amounts that exist at one time, where each exists for a part of an interval.
 *
 *	time      0    1    2    3    4
 *	40        [---------)
 *	25                  [---------)
 *	3         [-------------------)
 *	at most   43, from 0 to 2
 */
#ifndef OVERLAP_H
#define OVERLAP_H

#include <stddef.h>
#include <stdint.h>

/* Starts as all zeros. Release it with overlap_free. */
struct overlap {
	/* private */
	int64_t from_ns, to_ns;
	uint64_t always; /* what exists in the whole interval */
	struct overlap_part {
		int64_t from_ns, to_ns;
		uint64_t amount;
	} * start, *end; /* parts of the interval, to be sorted by start and by end */
	size_t n, start_cap, end_cap;
};

/* Begin an interval: forget all amounts. */
void overlap_begin(struct overlap *o, int64_t from_ns, int64_t to_ns);

/* Add AMOUNT, which exists from FROM_NS until TO_NS. A time of 0, or one outside the interval, is
 * its start or end. */
void overlap_add(struct overlap *o, int64_t from_ns, int64_t to_ns, uint64_t amount);

/* Return the largest sum. */
uint64_t overlap_largest(struct overlap *o);

void overlap_free(struct overlap *o);

#endif
