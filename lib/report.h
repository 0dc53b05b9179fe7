/*
 * A peaks stream, read whole, and its forms for people and programs.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "lines.h"

enum report_scope { REPORT_TOTAL, REPORT_GROUP, REPORT_PROCESS, REPORT_SPAN, REPORT_SCOPES };

/* A number that may be unknown. */
struct report_number {
	int64_t value;
	int known;
};

struct report_row {
	struct slice name; /* any bytes */
	struct report_number pid, ppid, procs, ticks;
	struct report_number rss_kib, bound_kib, at_peak_kib, vsz_kib;
	struct report_number time_us, first_us, last_us;
};

struct report_rows {
	struct report_row *v;
	size_t n, cap;
};

/* What the `#` lines say; an empty command: none was started. */
struct report {
	struct slice command;		 /* any bytes */
	struct slice wake, wake_refused; /* how readings came about, and why so */
	struct report_number exit_code, signal, running;
	struct report_number started_us, end_us, duration_us, user_us, system_us;
	struct report_number interval_us;
	struct report_rows rows[REPORT_SCOPES];

	/* report.c's own: the texts of the slices */
	struct buf *text;
	size_t texts;
};

void report_init(struct report *r);
void report_free(struct report *r);

/* Takes in a `#` line. */
void report_meta(struct report *r, struct slice line);

/* The columns of a peaks stream, ended by NULL; the first REPORT_REQUIRED are
 * needed. */
extern const char *const report_columns[];
#define REPORT_REQUIRED 7

/* Takes in the row that T read last. NULL, or what is wrong with it. */
struct table;
const char *report_row(struct report *r, const struct table *t);

/* The whole; NULL if there was none. */
const struct report_row *report_total(const struct report *r);

/* When the run began, and how long it took, in microseconds. */
int64_t report_start_us(const struct report *r);
int64_t report_length_us(const struct report *r);

struct report_style {
	int chart; /* draw the course over time */
	int colour;
	int utf8; /* what is drawn may use block characters */
};

/* Each appends one form of the report. */
void report_text(const struct report *r, const struct report_style *style, struct buf *out);
void report_json(const struct report *r, struct buf *out);
void report_bytes(const struct report *r, struct buf *out);

#endif
