/* SPDX-License-Identifier: MIT */
/*
 * The runs of a peaks file, which is one peaks stream or several, concatenated.
 */
#ifndef RUNS_H
#define RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/report.h"
#include "stream/tsv.h"

/* Starts as all zeros. */
struct runs {
	struct report *v;
	size_t n;

	/* private to runs.c */
	size_t cap;
	bool headed; /* the last run has a header */
};

/*
 * Take the line that T read last, or its end. Return NULL, or the reason why it is invalid; the
 * runs are of no use then. After TSV_END and NULL, there is at least one run, and each run has
 * one total with a known peak.
 */
const char *runs_take(struct runs *r, const struct tsv *t, enum tsv_kind kind);

/* Add a report, which must have a total. The runs own what it refers to. */
void runs_add(struct runs *r, const struct report *report);

void runs_free(struct runs *r);

/*
 * Statistics of one value that was measured in N runs.
 *
 * The noise is how much unchanged runs differ: twice the distance between the quartiles, but at
 * most the range. So it is the range of two or three runs. With more runs, a single outlier has
 * less and less weight.
 */
struct runs_statistics {
	size_t n;
	int64_t median; /* of an even number: the mean of the middle two, rounded down */
	int64_t min, max;
	double mean, deviation; /* the standard deviation of the runs; 0 for one run */
	int64_t noise;		/* -1: unknown, because there is one run only */
};

/* Return the statistics of V, which is sorted in place. */
struct runs_statistics runs_statistics(int64_t *v, size_t n);

#endif
