/* SPDX-License-Identifier: MIT */
/*
 * A report: one peaks stream, read completely, and the forms in which it is printed.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/metrics.h"
#include "stream/tsv.h"

enum report_scope { REPORT_TOTAL, REPORT_GROUP, REPORT_PROCESS, REPORT_SPAN, REPORT_SCOPES };

struct report_number {
	int64_t value;
	bool known;
};

struct report_value {
	struct report_number number; /* .known is set for a known text too */
	struct slice text;
};

/* One row of the peaks. Texts are any bytes; an empty text is unknown. */
struct report_row {
	struct slice name;
	struct report_number pid, ppid, procs, ticks;
	struct report_number rss_kib, bound_kib, at_peak_kib, vsz_kib, pss_at_peak_kib;
	struct report_number time_us, first_us, last_us;
	struct report_value metric[METRIC_LABEL]; /* times in microseconds */
	struct slice *label; /* of a process: one for each label of the report */
};

struct report_rows {
	struct report_row *v;
	size_t n, cap;
};

/* A limit that was exceeded. */
struct report_exceeded {
	struct slice scope; /* "total" or "process" */
	struct report_number kib, time_us, pid; /* KIB by the metric of the limits, */
	struct report_number rss_kib;		/* which is known if that is the RSS */
	struct slice name;			/* of the process; .p is NULL for the total */
};

/* A value that membench -L put into a command. */
struct report_parameter {
	struct slice name, value;
};

struct report {
	/* from `#` lines; the command is empty if running processes were measured */
	struct slice command, schedule, events_refused, bound_refused, group_by, cgroup;
	struct slice stopped;	   /* "duration": measured for as long as was asked for */
	struct slice limit_metric; /* "footprint", "pss" or "cgroup"; empty: RSS */
	struct report_number exit_code, signal, running;
	struct report_number joined; /* how many streams were */
	struct report_number started_us, end_us, duration_us, user_us, system_us, interval_us;
	struct report_number limit_total_kib, limit_process_kib, oom_kills;
	struct report_number cgroup_peak_kib;
	struct report_number cgroup_anon_kib, cgroup_file_kib, cgroup_shmem_kib, cgroup_kernel_kib;
	struct report_number pss_reads, pss_at_rss_kib, pss_bound_kib;
	struct report_number shared_kib, shared_at_rss_kib; /* counted more than once, of the RSS */
	struct report_number rss_mean_kib, rss_median_kib, rss_p95_kib, rss_resting_kib;
	struct report_number rss_gib_us; /* GiB, multiplied by microseconds */
	struct report_number excluded_procs, excluded_kib;
	struct report_number bound_exits; /* processes that exited between the ticks of the bound */
	struct report_number unlisted;	  /* processes without a row */
	struct report_exceeded *exceeded;
	size_t exceeded_n, exceeded_cap;
	struct slice *limit_signal; /* names, without SIG */
	size_t limit_signals, limit_signals_cap;

	/* from the `#` lines of membench */
	struct slice kernel, huge_pages, version; /* of mempipe */
	struct report_number cpus, swap_total_kib;
	struct report_parameter *parameter;
	size_t parameters, parameters_cap;

	struct report_rows rows[REPORT_SCOPES];
	struct slice *label; /* the names of the labels */
	size_t labels, labels_cap;

	/* private to report.c and report_parse.c */
	struct buf *text; /* what the slices point to */
	size_t texts, texts_cap;
	uint64_t columns;     /* set: the columns of the header */
	size_t *label_column; /* the column of each label */
	size_t label_column_cap;
	struct buf later; /* `#` lines after the rows, which may be of the next run */
};

void report_init(struct report *r);
void report_free(struct report *r);

/* ---- reading */

/* The columns of a peaks stream. The first REPORT_REQUIRED of them are required. A column that is
 * not listed here is a label. */
enum report_column {
	REPORT_C_SCOPE,
	REPORT_C_NAME,
	REPORT_C_RSS,
	REPORT_C_BOUND,
	REPORT_C_FIRST,
	REPORT_C_LAST,
	REPORT_C_TIME, /* the last that is required */
	REPORT_C_PID,
	REPORT_C_PPID,
	REPORT_C_PROCS,
	REPORT_C_AT_PEAK,
	REPORT_C_VSZ,
	REPORT_C_TICKS,
	REPORT_C_PSS_AT_PEAK,
	REPORT_C_METRICS, /* the first metric; the others follow */
	REPORT_COLUMNS = REPORT_C_METRICS + METRIC_LABEL
};
#define REPORT_REQUIRED (REPORT_C_TIME + 1)

extern const char *const report_columns[REPORT_COLUMNS + 1]; /* for tsv_init; ended by NULL */

/* Read peaks from FD, called NAME in messages. Append the stream to COPY unless it is NULL.
 * Report invalid lines and skip them. Return the exit status: STATUS_ERROR also if the peak is
 * missing. */
int report_read(struct report *r, int fd, const char *name, struct buf *copy);

/* Read PEAKS, which mempeak's writer (peak/peak.h) has written. */
void report_read_text(struct report *r, struct slice peaks);

/*
 * Add what T has read: a `#` line, a header, a row, the end. If a stream holds several runs, the
 * last one remains. report_row returns NULL, or the reason why the row is invalid.
 */
void report_meta(struct report *r, struct slice line);
void report_header(struct report *r, const struct tsv *t);
const char *report_row(struct report *r, const struct tsv *t);
void report_end(struct report *r);

/* ---- the run as a whole */

/* Return whether the header has COLUMN. */
bool report_has(const struct report *r, enum report_column column);

/* Return the number of rows of SCOPE, with those that the stream counts but does not list. */
size_t report_count(const struct report *r, enum report_scope scope);

/* Return the row of the total, or NULL if there is none. */
const struct report_row *report_total(const struct report *r);

/* Return what the limit of the total applies to, as in `total PSS`. */
const char *report_total_name(const struct report *r);

/* Return whether the end of the command is known, or there was no command. */
bool report_is_complete(const struct report *r);

/* Return the exit status of the command as a shell has it: 128 and the number of the signal that
 * killed it. */
struct report_number report_status(const struct report *r);

/* Return whether the measuring of a command stopped after a time that was set, before the command
 * ended. */
bool report_is_stopped(const struct report *r);

/* Return the start of the run, as Unix time, and its length, in microseconds. */
int64_t report_start_us(const struct report *r);
int64_t report_length_us(const struct report *r);

/* Return whether shared_kib is a large part of the peak. */
bool report_is_shared(const struct report *r);

/* Return the time in microseconds from the start to the end of the run, or of what was measured after
 * it. */
int64_t report_measured_us(const struct report *r);

/* Set the N values of KIB to the largest RSS in each part of the measured time. A part without a tick
 * has the value of the one before it. Return false if the RSS over time is not known. */
bool report_over_time(const struct report *r, int64_t *kib, int n);

/* Return the time US counted from the start of the run. */
struct report_number report_since(const struct report *r, struct report_number us);

/* ---- printing */

/* A text with fields such as `{peak_rss:MiB}`; see report_template.c. Begins as all zeros. */
struct report_template {
	struct report_part *part;
	size_t n;
	struct buf text; /* the text between the fields, or the error message */
};

/* Parse TEXT. Return NULL, or what is invalid and why, which is valid as long as T. */
const char *report_template_parse(struct report_template *t, const char *text);
void report_template_free(struct report_template *t);

struct report_style {
	bool chart;	   /* text: draw the RSS over time, if it has a shape */
	bool chart_always; /* text: draw it in any case */
	bool colour;
	bool utf8;     /* text: block characters and dots that are not ASCII are allowed */
	bool verbose;  /* text: add further figures, all groups, and the processes */
	size_t width;  /* text: columns of the page; 0: unknown */
	bool timeline; /* JSON: add the RSS over time */
	bool continues; /* the output holds records already: CSV has no header */
	uint64_t unit; /* of sizes in text, in bytes; 0: one that suits each size */
	const struct report_template *template;
};

/* Append the report in one form. R has a total with a known RSS. */
void report_text(const struct report *r, const struct report_style *style, struct buf *out);
void report_json(const struct report *r, const struct report_style *style, struct buf *out);
void report_bytes(const struct report *r, const struct report_style *style, struct buf *out);
void report_markdown(const struct report *r, const struct report_style *style, struct buf *out);
void report_prometheus(const struct report *r, const struct report_style *style, struct buf *out);
void report_openmetrics(const struct report *r, const struct report_style *style, struct buf *out);
void report_folded(const struct report *r, const struct report_style *style, struct buf *out);
void report_run_csv(const struct report *r, const struct report_style *style, struct buf *out);
void report_process_csv(const struct report *r, const struct report_style *style, struct buf *out);
void report_template(const struct report *r, const struct report_style *style, struct buf *out);
void report_bmf(const struct report *r, const struct report_style *style, struct buf *out);
void report_benchmark(const struct report *r, const struct report_style *style, struct buf *out);

/* Append the JSON schema of report_json. */
void report_schema(struct buf *out);

#endif
