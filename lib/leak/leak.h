/*
 * From samples to those that grow steadily: the whole, or a process.
 *
 * Rows come tick by tick. A process is judged when it has ended, which is when
 * a tick is without it; the whole when a tick has none of the processes of the
 * one before. So a log is one course, however often its header comes again, and
 * memory grows with the number of processes that live at one time.
 */
#ifndef LEAK_H
#define LEAK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"
#include "leak/trend.h"
#include "stream/lines.h"

struct leak;

/* What a row says. */
struct leak_sample {
	pid_t pid;
	uint64_t held_kib;
	int known;	   /* held_kib is */
	struct slice name; /* as it stands in the stream */
};

struct leak_count {
	size_t series; /* processes and wholes */
	size_t leaks, too_short;
};

/* ALL: also those that are no leaks are written. */
struct leak *leak_new(const struct trend_window *w, int all);
void leak_free(struct leak *k);

/* A tick begins: the rows that follow were read at TIME_US. One that is earlier
 * than the tick before begins anew. */
void leak_tick(struct leak *k, int64_t time_us);

/* NULL, or why the row can't be. */
const char *leak_sample(struct leak *k, const struct leak_sample *s);

/* The end of the samples: judges what is left. */
struct leak_count leak_end(struct leak *k);

/* The whole first, then processes, the steepest first: a table, header and all,
 * or lines for people. */
void leak_write_table(const struct leak *k, struct buf *out);
void leak_write_text(const struct leak *k, struct buf *out);

#endif
