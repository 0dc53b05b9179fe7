/*
 * The course over time as CSV: of each tick of samples, or of each span of
 * peaks, what the whole tree held.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/tsv.h"

/* The columns that are needed of either stream; see tsv_init. */
extern const char *const timeline_columns[];
#define TIMELINE_REQUIRED 2

/* Starts as all zeros. */
struct timeline {
	size_t records;

	/* timeline.c's own: when the run began, and the tick that is added up */
	int headed, started, told, ticking, known;
	int64_t start_us, time_us;
	uint64_t rss_kib, procs;
};

/* What T has read: a `#` line, a header, a row. Of a row: NULL, or what is wrong
 * with it. Each appends the records that are complete. */
void timeline_meta(struct timeline *l, struct slice line, struct buf *out);
void timeline_header(struct timeline *l, struct buf *out);
const char *timeline_row(struct timeline *l, const struct tsv *t, struct buf *out);

void timeline_end(struct timeline *l, struct buf *out);

#endif
