/* SPDX-License-Identifier: MIT */
/* Gaps: times in which there were no ticks. */
#include "plot/plot_gaps.h"

#include <stdlib.h>

#include "base/alloc.h"

#define FACTOR 5
#define LEAST_US 10000000 /* at rest, memsample takes a tick each second */

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int64_t plot_gaps_least_us(const struct report_rows *spans)
{
	size_t n = spans->n > 0 ? spans->n - 1 : 0; /* distances */
	int64_t *us = alloc_resize(NULL, n, sizeof *us);
	for (size_t i = 0; i < n; i++)
		us[i] = spans->v[i + 1].first_us.value - spans->v[i].first_us.value;
	qsort(us, n, sizeof *us, compare);
	int64_t median = n > 0 ? us[n / 2] : 0;
	free(us);
	if (median <= LEAST_US / FACTOR)
		return LEAST_US;
	return median > INT64_MAX / FACTOR ? INT64_MAX : median * FACTOR;
}

bool plot_gaps_joined(const struct report_rows *spans, int64_t least_us, size_t i)
{
	const struct report_row *v = spans->v;
	return i + 1 < spans->n && v[i + 1].first_us.value - v[i].last_us.value < least_us;
}
