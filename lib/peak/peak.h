/*
 * From samples to peaks: of the whole, of each group, of each process.
 *
 * Rows come tick by tick. A peak is a lower bound that was really reached: the
 * largest sum over a tick, or a rise of one process's high-water mark between
 * two ticks on top of what the others held at both. The bound is the sum of
 * all marks. Memory grows neither with the number of rows nor, beyond a bound,
 * with that of processes and names.
 */
#ifndef PEAK_H
#define PEAK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"
#include "stream/metrics.h"

struct peak;

/* What a row says. The KiB are 0 where KNOWN is not set. */
struct peak_sample {
	pid_t pid, ppid;
	uint64_t rss_kib, hwm_kib, vsz_kib;
	int known;
	int left_out;			 /* of a process that is not to be counted */
	struct slice name, group;	 /* as they stand in the stream */
	const struct metrics_row *extras; /* or NULL */
};

struct peak_options {
	const struct metrics *extras; /* the columns that go along */
	size_t processes;	     /* the most that are told of, the largest */
	size_t spans;		     /* the most parts of the course over time; 0: none */
	const char *group_by;	     /* what groups are of, or NULL: of one name */
	int filtered;		     /* what is told of the whole tree isn't of the rows */
	int by_parent;		     /* the groups are called by a process ID: say whose */
};

/* What OPTIONS points to must stay as long as the peaks. */
struct peak *peak_new(const struct peak_options *options);
void peak_free(struct peak *k);

/* A `#` line: some say how to read the marks. */
void peak_meta(struct peak *k, struct slice line);

/* A header: what follows is another stream, or another part of it. */
void peak_break(struct peak *k);

/* A tick begins: the rows that follow were read at TIME_US. */
void peak_tick(struct peak *k, int64_t time_us);
void peak_sample(struct peak *k, const struct peak_sample *s);

/* The end: writes the table of peaks, header and all. 0, or -1 if there was
 * neither a row nor a word on how much memory was used. */
int peak_write(struct peak *k, struct buf *out);

#endif
