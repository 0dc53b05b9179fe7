/* SPDX-License-Identifier: MIT */
/*
 * Thin samples: keep few of the ticks without losing a peak.
 *
 * The time is divided into windows (base/windows.h). The tick with the largest memory in each
 * window and the one with the smallest sum are kept whole. The first and the last tick of each
 * stream are kept too. A stream of which no window keeps a tick is dropped.
 *
 * The peaks of processes in ticks that are dropped are kept by high-water marks: thin_write writes
 * a larger mark in a later sample of the process. A process without such a sample gets one of 0 KiB
 * with its mark. So lib/peak finds the same peaks of the total and of each process.
 *
 *	time  pid  rss  mark              time  pid  rss  mark
 *	1     10   50   50                1     10   50   50
 *	2     10   50   50   thinned:     #mark_since 11 1
 *	2     11   80   80                3     10   50   50
 *	3     10   50   50                3     11   0    80
 *
 * The memory in use does not depend on the number of samples. It is bounded by the options and by
 * the number of processes alive at once.
 */
#ifndef THIN_H
#define THIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "stream/samples.h"

/* The columns to read, for samples_init. */
#define THIN_COLUMNS SAMPLES_HWM

struct thin_options {
	size_t ticks; /* at most so many, and the first and last of each stream; 6 or more */
	size_t rows;  /* at most so many samples, but always those of three ticks */
};

/* A tick that is kept. */
struct thin_tick {
	int64_t time_us;
	uint64_t rss_kib;   /* the sum of its rows */
	uint64_t peak_kib;  /* the largest that was held since the previous tick of the input */
	uint64_t bound_kib; /* the largest `#bound_kib` since the tick kept before it; 0: none */
	bool starts;	    /* it is the first of its stream */
	const struct thin_row *row;
	size_t rows;
};

struct thin_row {
	uint64_t rss_kib, mark_kib;
	pid_t pid;
	uint32_t process; /* its number */
	uint32_t at, n;	  /* its text */
	bool known;	  /* its RSS is */
	bool dated;	  /* its mark has risen since the tick before */
	bool has_line;	  /* the input had `#mark_since` for it: */
	bool predates;	  /* with the time 0 */
};

struct thin;

struct thin *thin_new(const struct thin_options *options);
void thin_free(struct thin *t);

/* Add the event that was read from S. */
void thin_take(struct thin *t, const struct samples *s, enum samples_event event);

/* End the input. Return whether there was a sample. */
bool thin_end(struct thin *t);

/* After thin_end: append the next part of the thinned stream to OUT. Return false at its end. */
bool thin_write(struct thin *t, struct buf *out);

/* After thin_end: set *TICK to the Ith tick that is kept. Return false if there are not so many. */
bool thin_get(const struct thin *t, size_t i, struct thin_tick *tick);

/* Return the field `comm` of row J of that tick; empty if there is no such column. */
struct slice thin_name(const struct thin *t, size_t i, size_t j);

/* Return a number above those of all processes. */
size_t thin_processes(const struct thin *t);

#endif
