/*
 * A peaks stream, read whole, and its forms for people and programs.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"

enum report_scope { REPORT_TOTAL, REPORT_GROUP, REPORT_PROCESS, REPORT_SPAN, REPORT_SCOPES };

/* A number that may be unknown. */
struct report_number {
	int64_t value;
	int known;
};

/* Texts are any bytes; an empty one is unknown. */
struct report_row {
	struct slice name;
	struct report_number pid, ppid, procs, ticks;
	struct report_number rss_kib, bound_kib, at_peak_kib, vsz_kib;
	struct report_number time_us, first_us, last_us;

	/* of columns that need not be there */
	struct report_number pss_kib, uss_kib, pss_at_peak_kib, swap_kib;
	struct report_number threads, regions, cpu_us, read_kib, write_kib, start_us;
	struct slice exe, user, cmd;
	struct slice *label; /* of a process: as many as the report has labels */
};

struct report_rows {
	struct report_row *v;
	size_t n;
};

/* A limit that was passed: by the whole, or by one process. */
struct report_exceeded {
	int by_process;
	struct report_number rss_kib, time_us, pid;
	struct slice name;
};

/* What the `#` lines say; an empty command: none was started. */
struct report {
	struct slice command;
	struct slice wake, wake_refused; /* how readings came about, and why so */
	struct slice group_by;
	struct report_number exit_code, signal, running;
	struct report_number started_us, end_us, duration_us, user_us, system_us;
	struct report_number interval_us;
	struct report_number limit_total_kib, limit_process_kib;
	struct report_exceeded *exceeded;
	size_t exceeded_n;
	struct slice *limit_signal; /* names, without SIG */
	size_t limit_signals;
	struct report_number oom_kills;
	struct slice cgroup;
	struct report_number cgroup_peak_kib, cgroup_anon_kib, cgroup_file_kib, cgroup_kernel_kib;
	struct report_number pss_reads, pss_at_rss_kib;
	struct report_number left_out_procs, left_out_kib;
	struct report_number unlisted; /* processes without a row */
	struct report_rows rows[REPORT_SCOPES];
	struct slice *label; /* their names */
	size_t labels;

	/* report.c's own: the texts of the slices; which columns there are, which
	 * of them are labels; `#` lines behind the rows, maybe of the next run */
	struct buf *text;
	size_t texts;
	uint32_t columns;
	size_t *label_column;
	struct buf later;
};

void report_init(struct report *r);
void report_free(struct report *r);

/* The columns of a peaks stream, ended by NULL; the first REPORT_REQUIRED are
 * needed. Others that a process has are its labels. */
enum report_column {
	REPORT_C_SCOPE,
	REPORT_C_NAME,
	REPORT_C_RSS,
	REPORT_C_BOUND,
	REPORT_C_FIRST,
	REPORT_C_LAST,
	REPORT_C_TIME, /* required */
	REPORT_C_PID,
	REPORT_C_PPID,
	REPORT_C_PROCS,
	REPORT_C_AT_PEAK,
	REPORT_C_VSZ,
	REPORT_C_TICKS,
	REPORT_C_PSS,
	REPORT_C_USS,
	REPORT_C_PSS_AT_PEAK,
	REPORT_C_SWAP,
	REPORT_C_THREADS,
	REPORT_C_REGIONS,
	REPORT_C_CPU,
	REPORT_C_READ,
	REPORT_C_WRITE,
	REPORT_C_START,
	REPORT_C_EXE,
	REPORT_C_USER,
	REPORT_C_CMD,
	REPORT_COLUMNS
};
#define REPORT_REQUIRED 7
extern const char *const report_columns[REPORT_COLUMNS + 1];
int report_has(const struct report *r, enum report_column column);

/*
 * What T has read: a `#` line, a header, a row, the end. Of several runs in one
 * stream, the last remains. Of a row: NULL, or what is wrong with it.
 */
struct tsv;
void report_meta(struct report *r, struct slice line);
void report_header(struct report *r, const struct tsv *t);
const char *report_row(struct report *r, const struct tsv *t);
void report_end(struct report *r);

/* How many there are of SCOPE, listed or not. */
size_t report_count(const struct report *r, enum report_scope scope);

/* The whole; NULL if there was none. */
const struct report_row *report_total(const struct report *r);

/* Whether it is known how the command ended, if there was one. */
int report_is_complete(const struct report *r);

/* When the run began, and how long it took, in microseconds. */
int64_t report_start_us(const struct report *r);
int64_t report_length_us(const struct report *r);

/* A moment, counted from the start. */
struct report_number report_since(const struct report *r, struct report_number us);

/*
 * What is known about the run as a whole, by the keys that JSON, templates and
 * OpenMetrics share. A point in a key leads into an object. Which kind it is
 * says what the number counts: KiB, microseconds, 0 or 1 for a flag.
 */
enum report_kind {
	REPORT_COUNT,
	REPORT_FLAG,
	REPORT_KIB,	/* the key ends in _kib */
	REPORT_SECONDS, /* in _seconds */
	REPORT_DATE,	/* in _at */
	REPORT_TEXT,
	REPORT_NAME, /* a text that may be empty */
};

struct report_value {
	struct report_number number; /* known is set for a text, too */
	struct slice text;
};

struct report_field {
	const char *key;
	enum report_kind kind;
	const char *help; /* in words; NULL: no metric */

	/* report_fields.c's own: where it is, or what it is made by */
	int from;
	size_t at;
	struct report_number (*make)(const struct report *r);
};

extern const struct report_field report_fields[]; /* ended by a key of NULL */
struct report_value report_get(const struct report *r, const struct report_field *f);

/* A text for a report, parsed before there is one; see report_template.c. Starts
 * as all zeros. */
struct report_template {
	struct report_part *part;
	size_t n;
	struct buf text; /* what stands between the fields, or is wrong */
};

/* NULL, or what is wrong with TEXT, which must last as long as T. */
const char *report_template_parse(struct report_template *t, const char *text);
void report_template_free(struct report_template *t);

struct report_style {
	int chart; /* draw the course over time */
	int colour;
	int utf8;      /* what is drawn may use block characters */
	int timeline;  /* JSON: with the course over time */
	uint64_t unit; /* of sizes that people read, in bytes; 0: whichever suits */
	const struct report_template *template;
};

/* Each appends one form of the report. */
void report_text(const struct report *r, const struct report_style *style, struct buf *out);
void report_json(const struct report *r, const struct report_style *style, struct buf *out);
void report_bytes(const struct report *r, const struct report_style *style, struct buf *out);
void report_markdown(const struct report *r, const struct report_style *style, struct buf *out);
void report_openmetrics(const struct report *r, const struct report_style *style, struct buf *out);
void report_process_csv(const struct report *r, const struct report_style *style, struct buf *out);
void report_template(const struct report *r, const struct report_style *style, struct buf *out);

/* The course over time as a chart, if STYLE wants one and there are spans. */
void report_chart(const struct report *r, const struct report_style *style, struct buf *out);

#endif
