/* SPDX-License-Identifier: MIT */
/*
 * The metrics of samples, reduced for the tree, each group and each process.
 */
#ifndef PEAK_METRICS_H
#define PEAK_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "stream/metrics.h"

/* The numbers of the tree, a group or a process. */
struct peak_tally {
	/* sums of one tick */
	uint64_t tick;	      /* number of it */
	uint64_t rss_kib;     /* of all processes */
	uint64_t pss_rss_kib; /* RSS of the processes whose PSS is known */
	uint64_t summed;      /* set: metrics known of a process */
	uint64_t sum[METRICS_FIRST_TEXT];
	bool open; /* the sums are not in the result yet */
	const struct metrics_row *last; /* of a process: the row that was added last */

	/* the result */
	uint64_t known;			     /* set: metrics of NUMBER */
	uint64_t number[METRICS_FIRST_TEXT]; /* reduced as stream/metrics.h has it */
	uint64_t most_kib; /* RSS at the tick that METRICS_AT_PEAK are of */
	uint64_t at_peak_kib; /* PSS at the tick at which the tree had the largest PSS ... */
	uint64_t at_peak_number; /* ... which is the one with this number, see pss_peaks */
	bool at_peak_known;
};

/* The texts of a process. */
struct peak_texts {
	struct buf *v; /* by metric - METRICS_FIRST_TEXT */
	size_t n;
};

struct peak_metrics {
	struct peak_tally total;
	struct peak_tally *group, *process; /* by index; the later ones may be missing */
	struct peak_texts *text;	    /* of processes, likewise */
	size_t groups, processes, texts;

	uint64_t pss_reads;	/* ticks with the PSS of the tree */
	uint64_t pss_kib;	/* the largest of these */
	uint64_t at_rss_kib;	/* RSS of the tree then */
	uint64_t pss_peaks;	/* how many of them were the largest so far */
	uint64_t pss_bound_kib; /* the largest `#pss_bound_kib`, */
	bool pss_bound_known;	/* if there was any */
	uint64_t shared_kib;	/* `#shared_kib` of the tick with the largest RSS, */
	uint64_t shared_at_kib; /* which was this */
	uint64_t largest, at_peak, last; /* sets: metrics with these reductions */
	uint64_t steady; /* set: those of which a repeated row adds nothing to its process */
};

struct peak;
struct peak_sample;

void peak_metrics_init(struct peak_metrics *e);

/* Add the metrics of S, a sample of PROCESS in GROUP, to the present tick. */
void peak_metrics_add(
    struct peak *k, uint32_t process, uint32_t group, const struct peak_sample *s);

/* Take a `#` line into account that is about the PSS of the tree. */
void peak_metrics_meta(struct peak *k, struct slice line);

/* End the tick. */
void peak_metrics_tick(struct peak *k);

/* Evict PROCESS. Its last values remain in the sums. */
void peak_metrics_evict(struct peak *k, uint32_t process);

/* Move PROCESS to the index TO, which is free. */
void peak_metrics_move(struct peak *k, uint32_t process, uint32_t to);

/* End the input: sum up the last values of the processes. */
void peak_metrics_close(struct peak *k);

/* Append the `#` lines about PSS and about shared memory. */
void peak_metrics_put_lines(const struct peak *k, struct buf *out);

/* Append the columns to a header, each after a tab. */
void peak_metrics_header(const struct peak *k, struct buf *out);

/* Append the fields to a row, each after a tab. With a NULL, these are unknown. */
void peak_metrics_put(const struct peak *k, struct buf *out, const struct peak_tally *tally,
    const struct peak_texts *texts);

void peak_metrics_free(struct peak_metrics *e);

#endif
