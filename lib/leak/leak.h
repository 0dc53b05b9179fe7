/* SPDX-License-Identifier: MIT */
/*
 * Steady growth in samples: of the tree, and of each process.
 *
 * Ticks come in the order of the stream. A process has exited if a tick is without it; it is judged
 * then. The tree has ended if a tick has none of the processes of the previous tick. So a log is
 * one series, even if its header is repeated. Memory use depends on the number of processes in one
 * tick, not on the length of the stream.
 */
#ifndef LEAK_H
#define LEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"
#include "leak/trend.h"

struct leak;

/* One row of the samples. */
struct leak_sample {
	pid_t pid;
	uint64_t held_kib; /* resident and swapped out */
	bool known;	   /* held_kib is known */
	struct slice name; /* a field: escapes as in the stream */
};

struct leak_count {
	size_t series; /* processes and trees that were judged */
	size_t leaks, too_short;
};

/* Return a new, empty state. With ALL, every verdict is written, otherwise only leaks. The
 * caller frees the state with leak_free. */
struct leak *leak_new(const struct trend_window *window, bool all);
void leak_free(struct leak *l);

/* Begin a tick at TIME_US. If that is earlier than the previous tick, all processes so far have
 * ended. */
void leak_begin_tick(struct leak *l, int64_t time_us);

/* Add a row to the present tick. Return NULL, or the reason why the row is invalid. */
const char *leak_add(struct leak *l, const struct leak_sample *sample);

/* End the samples and judge the processes of the last tick. Return how many there were in all. */
struct leak_count leak_end(struct leak *l);

/* Append the verdicts, trees first, then processes, the steepest first: a table with a header,
 * or sentences. */
void leak_write_table(const struct leak *l, struct buf *out);
void leak_write_text(const struct leak *l, struct buf *out);

#endif
