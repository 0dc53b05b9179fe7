/* SPDX-License-Identifier: MIT */
/*
 * Reduce samples to peaks: of the tree, of each group, of each process.
 *
 * Samples are added tick by tick. A peak is memory that was held at one moment: the largest sum
 * over a tick, or more where a high-water mark that rose between two ticks proves it
 * (peak_moment.h). The bound is the largest sum of high-water marks.
 *
 * The memory in use does not depend on the number of samples. It is bounded by the number of
 * processes alive at once, of processes that get a row, and of groups.
 */
#ifndef PEAK_H
#define PEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/metrics.h"

struct peak;

/* One process at one time. The KiB are 0 where they are unknown. */
struct peak_sample {
	pid_t pid, ppid;
	uint64_t rss_kib, hwm_kib, vsz_kib;
	bool rss_known;
	bool excluded;			   /* do not count it */
	bool repeated; /* the row before at its place in the tick differs only in time */
	struct slice name, group;	   /* fields of the stream */
	const struct metrics_row *metrics; /* or NULL */
};

struct peak_options {
	const struct metrics *metrics; /* of the stream */
	size_t processes;	       /* write at most so many processes, the largest */
	size_t spans;		       /* write at most so many spans of time */
	const char *group_by;	       /* the column that defines groups; NULL: the name */
	bool filtered;	/* some samples are excluded: facts about the whole tree do not apply */
	bool by_parent; /* the groups are process IDs: add the name of that process */
};

/* The caller keeps what OPTIONS points to until peak_free. */
struct peak *peak_new(const struct peak_options *options);
void peak_free(struct peak *k);

/* Take a `#` line into account: some are about the marks of the next tick, or about the tree. */
void peak_meta(struct peak *k, struct slice line);

/* Begin a stream, at its header. The processes of the previous one have exited. */
void peak_begin_stream(struct peak *k);

/* Begin a tick, at TIME_US. */
void peak_begin_tick(struct peak *k, int64_t time_us);

/* Add a sample to the tick. */
void peak_add(struct peak *k, const struct peak_sample *s);

/* End the input and append the peaks to OUT, as a stream. Return 0, or -1 if there were neither
 * samples nor a `#maxrss_kib` line. */
int peak_write(struct peak *k, struct buf *out);

#endif
