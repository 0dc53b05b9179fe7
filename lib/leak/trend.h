/* SPDX-License-Identifier: MIT */
/*
 * A verdict on the last part of a series: does memory grow steadily?
 *
 * The part is cut into twelve slices. The lowest reading of a slice is its floor: what the program
 * holds after it has freed what it can. The series is a leak if the floor
 *  - rises from each slice to the next, with at most one exception, so neither a step nor a random
 *    walk is a leak;
 *  - has a significant trend by the test of Mann and Kendall, and a positive slope by the estimate
 *    of Theil and Sen;
 *  - ends above every earlier floor, so a sawtooth that returns to an old height is no leak;
 *  - still rises at the end, at more than half of its mean rate, so a ramp that ends is no leak;
 *  - rises by more than the errors of the kernel's counters and of allocators. If twelve slices
 *    give an uneven series, eight slices are tried, all of which must rise.
 */
#ifndef TREND_H
#define TREND_H

#include <stdint.h>

#include "leak/minima.h"

enum trend_verdict {
	TREND_LEAK,
	TREND_SMALL,	 /* grows steadily, but by less than the window demands */
	TREND_RAMP,	 /* grew, but the growth has ended or is slowing down */
	TREND_STEADY,	 /* the floors are level */
	TREND_UNEVEN,	 /* up and down */
	TREND_SHRINKING,
	TREND_SHORT,	 /* the part is too short or has too few readings */
	TREND_VERDICTS,
};

/* The verdicts as they are written in tables. */
extern const char *const trend_names[TREND_VERDICTS];

/* Which part of a series to judge. */
struct trend_window {
	double part;	   /* of the series, from its end: above 0, up to 1 */
	int64_t length_us; /* the shortest part that is judged */
	double growth_kib, growth_part; /* a leak grows by this size and this part of its beginning */
};

struct trend {
	enum trend_verdict verdict;
	double seconds; /* length of the part */

	/* unset if the verdict is TREND_SHORT */
	double kib_per_minute;
	double low_kib_per_minute, high_kib_per_minute; /* the 95 % confidence interval */
	double growth_kib;				/* from the first floor to the last */
	double sure_percent;				/* confidence that there is a trend */
};

struct trend trend_judge(const struct minima *series, const struct trend_window *window);

#endif
