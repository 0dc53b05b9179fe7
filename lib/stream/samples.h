/* SPDX-License-Identifier: MIT */
/*
 * Reading a samples stream: events in the order of the stream.
 *
 *	#command	make            META
 *	time pid ppid rss_kib ...       HEADER
 *	1.0  12  1    100  ...          TICK, ROW
 *	1.0  13  12   50   ...          ROW
 *	1.1  12  1    120  ...          TICK, ROW
 *
 * The columns time, pid and rss_kib are required. A column of the other standard ones that is
 * missing, or empty in a row, is unknown.
 *
 * A program that passes its input on sets tsv.copy. Every byte read is appended to it: also empty
 * lines, lines that are left out, and a last line without a newline. A line that is no sample does
 * not end the input then.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define SAMPLES_EXTRA 4		  /* further columns that a program may name */
#define SAMPLES_UNKNOWN INT64_MIN /* a start time that is not known */

/* Columns that are read only for programs that want them, as a set. */
enum {
	SAMPLES_PPID = 1 << 0,
	SAMPLES_HWM = 1 << 1,
	SAMPLES_VSZ = 1 << 2,
	SAMPLES_PSS = 1 << 3,
	SAMPLES_SWAP = 1 << 4,
	SAMPLES_START = 1 << 5,
};

/* One process at one time. The KiB are 0 where they are unknown. */
struct samples_row {
	pid_t pid, ppid; /* ppid 0: unknown */
	uint64_t rss_kib, hwm_kib, vsz_kib, pss_kib, swap_kib;
	bool rss_known, pss_known;
	int64_t start_us;  /* Unix time */
	struct slice comm; /* a field: escapes as in the stream */
};

enum samples_event {
	SAMPLES_NONE,	/* only from samples_arrived: no complete line is left */
	SAMPLES_META,	/* a `#` line */
	SAMPLES_HEADER, /* what follows is another stream, or another part of it */
	SAMPLES_TICK,	/* a tick begins, at TIME_US; its first row is the next event */
	SAMPLES_ROW,
	SAMPLES_BAD, /* a line that is left out; it has been reported and counted */
	SAMPLES_END, /* no more input, or none that can be read */
};

struct samples {
	struct tsv tsv;		/* tsv.line: the line of the event; tsv.copy: see above */
	const char *name;	/* of the input, for messages */
	struct samples_row row; /* of SAMPLES_ROW; valid until the next event */
	bool repeated;		/* the row before at its place was valid and differs only in time */
	int64_t time_us;	/* of the present tick, Unix time */
	struct slice time;	/* the same as in the stream */
	struct stage_faults faults;
	int read_errno; /* of the read that ended the input; EMSGSIZE: a line was too long */

	/* private to samples.c */
	struct samples_row *parsed; /* by tsv.place: the row there, if its PID is not 0 */
	size_t parsed_cap;
	bool bound_refused; /* there was such a line */
	bool time_first; /* the time is the first column, in which repeated rows may differ */
	bool time_taken; /* that of the row before */
	unsigned wanted;
	const char *columns[16];
	char time_text[40];
	bool row_pending, ended;
};

/* Read from FD, called NAME in messages. WANTED is the set of further standard columns to read;
 * EXTRA names up to SAMPLES_EXTRA columns for samples_extra, ended by NULL, or is NULL. */
void samples_init(
    struct samples *s, int fd, const char *name, unsigned wanted, const char *const *extra);

/* Return the next event. Block until there is one. */
enum samples_event samples_next(struct samples *s);

/* The same without blocking, for a program that polls and calls samples_fill. */
enum samples_event samples_arrived(struct samples *s);

/* Read once from the input. An error is reported, counted, and ends the input. Interruption by a
 * signal is no error. */
void samples_fill(struct samples *s);

/* Report REASON about the present line and count it. */
void samples_fault(struct samples *s, const char *reason);

/* Report REASON and read no further: the next event is SAMPLES_END. */
void samples_fail(struct samples *s, const char *reason);

/* Read no further: the next event is SAMPLES_END. */
void samples_stop(struct samples *s);

/* Return the field of the present row in column EXTRA[I]; empty where the header has no such
 * column. */
struct slice samples_extra(const struct samples *s, size_t i);
bool samples_has_extra(const struct samples *s, size_t i);

/* Return whether the header has the column comm or pss_kib. */
bool samples_has_comm(const struct samples *s);
bool samples_has_pss(const struct samples *s);

/* Return whether there are bounds: the header has the column hwm_kib, and no line `#bound_refused`
 * was before it. */
bool samples_has_bounds(const struct samples *s);

/* Return whether LINE is a `#` line about one tick only, which a program that reduces ticks does
 * not pass on. */
bool samples_is_of_tick(struct slice line);

void samples_free(struct samples *s);

#endif
