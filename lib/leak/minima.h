/*
 * The course of one figure over time in a bounded number of points: each is the
 * lowest reading of an equal window of time, and stands when that was read.
 * When the points are used up, the windows get twice as long.
 */
#ifndef MINIMA_H
#define MINIMA_H

#include <stddef.h>
#include <stdint.h>

#define MINIMA_POINTS 512

struct minima_point {
	int64_t time_us;
	uint64_t kib;
};

/* Starts as all zeros; minima_free gives the memory back. */
struct minima {
	struct minima_point *v; /* in order; a window without a reading has none */
	size_t n;
	int64_t first_us, last_us; /* of all readings */

	/* course.c's own */
	size_t cap;
	int64_t width_us;
};

/* Readings come in order of time. */
void minima_add(struct minima *c, int64_t time_us, uint64_t kib);
void minima_free(struct minima *c);

#endif
