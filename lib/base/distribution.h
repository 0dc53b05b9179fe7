/* SPDX-License-Identifier: MIT */
/*
 * How long a value was how large: the time that it spent in each of a bounded number of ranges.
 *
 * A range is 1/128 of its lower end wide, or 1 for values below 256. Each keeps the mean of the
 * values in it, so a value that does not change is exact, and any other is exact to 0.8 %. The
 * memory in use is 2 KiB for each power of two that a value was in: 116 KiB at most.
 */
#ifndef DISTRIBUTION_H
#define DISTRIBUTION_H

#include <stdint.h>

#define DISTRIBUTION_RANGES 128
#define DISTRIBUTION_OCTAVES 58

/* The time spent in a range, and the sum of the values, each times its time. */
struct distribution_range {
	double time, sum;
};

/* Begins as all zeros. */
struct distribution {
	/* private to distribution.c */
	struct distribution_range *octave[DISTRIBUTION_OCTAVES]; /* NULL: no value was in it */
};

/* Add the time for which the value was VALUE. */
void distribution_add(struct distribution *d, uint64_t value, double time);

/* Add PART, from 0 to 1, of each time in OTHER. */
void distribution_add_part(struct distribution *d, const struct distribution *other, double part);

/* Return the whole time, and the sum of all values, each times its time. */
struct distribution_range distribution_total(const struct distribution *d);

/* Return the value that was not exceeded for PART of the time; 0 without any time. */
double distribution_quantile(const struct distribution *d, double part);

void distribution_free(struct distribution *d);

#endif
