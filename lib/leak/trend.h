/*
 * Whether memory grows steadily: a judgement on the last part of a course.
 *
 * That part is cut into twelve, and the lowest reading of each is its floor:
 * what a program holds after it has tidied up. A leak is a floor that rises
 *  - from each twelfth to the next, or all but once: a step is none, nor is a
 *    walk that goes as often down as up;
 *  - for sure: by Mann and Kendall's test, and by Theil and Sen's slope;
 *  - to where it has not been lately: a height regained is a sawtooth's;
 *  - to the end: what slows down by half is a ramp that ends;
 *  - by more than a kernel's count and an allocator are off.
 * What is uneven in twelfths is cut into eighths, of which all must rise.
 */
#ifndef TREND_H
#define TREND_H

#include <stdint.h>

#include "leak/minima.h"

enum trend_verdict {
	TREND_LEAK,
	TREND_RAMP,   /* grew, and then did no more */
	TREND_STEADY, /* the floors are level */
	TREND_UNEVEN, /* up and down */
	TREND_SHRINKING,
	TREND_SHORT, /* too short to tell, or too few readings */
	TREND_VERDICTS,
};

extern const char *const trend_names[TREND_VERDICTS];

struct trend_window {
	double part;	   /* of the course, from its end: above 0, up to 1 */
	int64_t length_us; /* and at least as long */
};

struct trend {
	enum trend_verdict verdict;
	double seconds; /* of the part that is judged */

	/* not set where the verdict is TREND_SHORT */
	double kib_per_minute;
	double low_kib_per_minute, high_kib_per_minute; /* 95 times of 100 in between */
	double growth_kib;				/* from the first floor to the last */
	double sure_percent;				/* that there is any trend */
};

struct trend trend_judge(const struct minima *c, const struct trend_window *w);

#endif
