/*
 * The runs of a peaks file, which may hold several streams one behind the
 * other, and the statistics of them.
 */
#ifndef RUNS_H
#define RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "report/report.h"
#include "stream/tsv.h"

/* Starts as all zeros; runs_free gives the memory back. */
struct runs {
	struct report *v;
	size_t n;

	/* runs.c's own */
	size_t cap;
	int headed; /* the header of the last one was there */
};

/*
 * Takes in what T has read last, which is of KIND; TSV_END too. NULL, or what
 * is wrong with it, and then there is no use in going on. If nothing ever was,
 * there is at least one run, and each has one total with a known peak.
 */
const char *runs_take(struct runs *r, const struct tsv *t, enum tsv_kind kind);

void runs_free(struct runs *r);

/* What is known of a value by measuring it N times. */
struct runs_figures {
	size_t n;
	int64_t median; /* of an even number: the middle of the two, rounded down */
	int64_t least, most;
	/*
	 * How much runs differ by themselves: twice the distance between the
	 * quartiles, but no more than there is between the least and the most.
	 * That is the whole range of two or three runs; of more, a single
	 * stray one counts for less and less. -1: of one run, not known.
	 */
	int64_t noise;
};

/* Sorts V. */
struct runs_figures runs_figures(int64_t *v, size_t n);

#endif
