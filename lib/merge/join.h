/* SPDX-License-Identifier: MIT */
/*
 * Join streams of samples that were taken side by side, as those of ranks or of hosts.
 *
 * Each stream is read twice. join_add checks it and notes its length, its peak and the lines about
 * the run. join_write merges the ticks of all streams by time. Between its ticks, a stream holds
 * its last tick. It holds nothing before its first tick and after its end.
 *
 * A moment is a time at which at least one stream has a tick. The time is divided into steps. The
 * moment with the largest sum of each step is written as one tick, with the rows that each stream
 * held at that moment. The moments at which single streams have their peaks are written too:
 *
 *	stream a    tick 10 KiB at 1.0, 30 KiB at 3.0
 *	stream b    tick  5 KiB at 2.0,  1 KiB at 4.0
 *	moments     1.0: 10 + 0    2.0: 10 + 5    3.0: 30 + 5    4.0: 30 + 1
 *
 * The memory in use depends on the number of streams and of their live processes, not on that of
 * ticks.
 */
#ifndef JOIN_H
#define JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

struct join_offset {
	struct slice file;
	int64_t us; /* to add to its times */
};

struct join_options {
	int64_t interval_us; /* length of a step; 0: so that the output has no more ticks than a
				stream has on average */
	const char *column;  /* to add to streams without it, with the file's name; NULL: none */
	bool same_start;     /* shift each stream so that all begin with the first */
	bool gaps;	     /* streams need not overlap */
	struct join_offset *offset;
	size_t offsets, offsets_cap;
};

struct join;

struct join *join_new(const struct join_options *options);
void join_free(struct join *j);

/* Read the stream in FILE for the first time. FILE must remain valid. Return the exit status, after
 * a message unless it is STATUS_OK. */
int join_add(struct join *j, const char *file);

/* After all streams: check that they belong together. Return the exit status, the same way. */
int join_begin(struct join *j);

/* After join_begin: append the next part of the output to OUT. Return false at its end, or if
 * joining has failed: the last part is then invalid. */
bool join_write(struct join *j, struct buf *out);

/* At the end of the output: return the exit status. */
int join_end(const struct join *j);

#endif
