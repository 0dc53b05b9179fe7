/* SPDX-License-Identifier: MIT */
/*
 * From the events of a stream of samples to peaks.
 */
#ifndef PEAK_SAMPLES_H
#define PEAK_SAMPLES_H

#include <stdbool.h>

#include "base/buf.h"
#include "peak/name_filter.h"
#include "peak/peak.h"
#include "stream/metrics.h"
#include "stream/samples.h"

/* The columns to read, for samples_init. */
#define PEAK_SAMPLES_COLUMNS (SAMPLES_PPID | SAMPLES_HWM | SAMPLES_VSZ)

/* It starts as all zeros. */
struct peak_samples {
	struct peak *peak;
	struct name_filter *filter; /* leaves out processes, or NULL */
	bool by_extra;		/* the groups are the values of the first further column */
	struct metrics metrics; /* of the stream, for peak_new */
	struct buf meta;	/* the `#` lines that are not about a tick */
	bool tick_pending;	/* a tick has begun, and has no valid row yet */
};

/* Return ROW as a sample, in the group of its name. */
struct peak_sample peak_samples_row(const struct samples_row *row);

/* Add the event that was read from S. Return false for a row that is left out because a metric in it
 * is invalid, which is reported. */
bool peak_samples_take(struct peak_samples *p, struct samples *s, enum samples_event event);

void peak_samples_free(struct peak_samples *p);

#endif
