/* SPDX-License-Identifier: MIT */
/*
 * How uneven groups are: the largest peak of a group, and the mean of all.
 */
#ifndef REPORT_UNEVEN_H
#define REPORT_UNEVEN_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"

struct report_uneven {
	const struct report_row *largest;
	double ratio;  /* of its peak to the mean */
	size_t groups; /* with a known peak */
};

/* Set *U to how uneven the groups of R are. Return false if processes are not grouped by a column,
 * or fewer than two groups have a peak. */
bool report_uneven(const struct report *r, struct report_uneven *u);

#endif
