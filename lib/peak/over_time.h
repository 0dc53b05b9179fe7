/* SPDX-License-Identifier: MIT */
/*
 * The RSS of the tree over time: its mean, its quantiles, and where it rests at the end.
 *
 * The RSS of a tick counts for the time from halfway to the previous tick to halfway to the next
 * one, that of the last tick also for the time up to the end of the command.
 *
 * The time is divided into chunks, each with a distribution, and only the chunks of the last
 * quarter are kept:
 *
 *	time    0                                  3/4               1
 *	        |------------ earlier -------------|----|-----|------|
 *	                                             chunks
 *
 * A chunk is at most 1/32 of the time up to its end, unless the memory does not change in it. So
 * there are never more than 24, whatever the number of ticks.
 */
#ifndef OVER_TIME_H
#define OVER_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/distribution.h"

struct over_time_chunk {
	double start_us, end_us; /* of the time that was sampled */
	struct distribution rss;
};

/* Begins as all zeros. */
struct over_time {
	/* private to over_time.c */
	struct distribution earlier;
	struct over_time_chunk *chunk;
	size_t n, cap;
	double sampled_us;  /* without the gaps between streams */
	bool ticking;	    /* the stream has a tick */
	int64_t start_us;   /* of the time that the last tick counts for */
	int64_t tick_us;    /* the last tick */
	uint64_t rss_kib;   /* at it */
};

/* The figures, in KiB. */
struct over_time_figures {
	double mean_kib, median_kib, p95_kib;
	double resting_kib; /* the median of the last quarter of the time */
	double kib_us;	    /* the sum over time */
};

/* Add a tick at TIME_US. */
void over_time_add(struct over_time *o, int64_t time_us, uint64_t rss_kib);

/* End a stream. The command ended at END_US; 0: not known. The time to the next stream is not
 * counted. */
void over_time_end_stream(struct over_time *o, int64_t end_us);

/* Set *F to the figures of the streams that have ended. Return false if they cover no time. */
bool over_time_figures(const struct over_time *o, struct over_time_figures *f);

void over_time_free(struct over_time *o);

#endif
