/* SPDX-License-Identifier: MIT */
/*
 * The lowest values of a quantity over time, in a bounded number of points.
 *
 * A point is the lowest reading of one window of time (base/windows.h), with the time at which it
 * was read.
 */
#ifndef MINIMA_H
#define MINIMA_H

#include <stddef.h>
#include <stdint.h>

#include "base/windows.h"

#define MINIMA_POINTS 512

struct minima_point {
	int64_t time_us; /* the first member, for windows */
	uint64_t kib;
};

/* Begins as all zeros. */
struct minima {
	const struct minima_point *v; /* in order of time; a window without a reading has none */
	size_t n;
	int64_t first_us, last_us; /* of all readings */

	/* private to minima.c */
	struct windows windows;
};

/* Add a reading. Readings are added in order of time. */
void minima_add(struct minima *m, int64_t time_us, uint64_t kib);

void minima_free(struct minima *m);

#endif
