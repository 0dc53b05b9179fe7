/* SPDX-License-Identifier: MIT */
/* A peaks stream, read completely. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "base/status.h"
#include "report/report_parse.h"
#include "stream/stage.h"

#define LABELS_MAX 64 /* mempeak writes at most 16; further columns are ignored */

/* Shared memory is reported from this part of the RSS on, if this RSS had all but such a part of the
 * peak. */
#define SHARED_PART 8
#define NEAR_PART 4

#define METRIC_COLUMN(id, column, kind, reduction, json, help)                                     \
	[REPORT_C_METRICS + (int)METRIC_##id] = (column),

const char *const report_columns[REPORT_COLUMNS + 1] = {[REPORT_C_SCOPE] = "scope",
    [REPORT_C_NAME] = "name",
    [REPORT_C_RSS] = "rss_kib",
    [REPORT_C_BOUND] = "bound_kib",
    [REPORT_C_FIRST] = "first",
    [REPORT_C_LAST] = "last",
    [REPORT_C_TIME] = "time",
    [REPORT_C_PID] = "pid",
    [REPORT_C_PPID] = "ppid",
    [REPORT_C_PROCS] = "procs",
    [REPORT_C_AT_PEAK] = "at_peak_kib",
    [REPORT_C_VSZ] = "vsz_kib",
    [REPORT_C_TICKS] = "ticks",
    [REPORT_C_PSS_AT_PEAK] = "pss_at_peak_kib",
    METRICS_TABLE(METRIC_COLUMN)};

_Static_assert(REPORT_COLUMNS <= TSV_WANTED && REPORT_COLUMNS <= 64, "too many columns");

#define ROW(member) offsetof(struct report_row, member)

/* How the columns before the metrics are read. The scope is not one of them. */
static const struct {
	enum report_form form;
	size_t at;
} members[REPORT_C_METRICS] = {
    [REPORT_C_NAME] = {REPORT_FORM_TEXT, ROW(name)},
    [REPORT_C_RSS] = {REPORT_FORM_NUMBER, ROW(rss_kib)},
    [REPORT_C_BOUND] = {REPORT_FORM_NUMBER, ROW(bound_kib)},
    [REPORT_C_FIRST] = {REPORT_FORM_SECONDS, ROW(first_us)},
    [REPORT_C_LAST] = {REPORT_FORM_SECONDS, ROW(last_us)},
    [REPORT_C_TIME] = {REPORT_FORM_SECONDS, ROW(time_us)},
    [REPORT_C_PID] = {REPORT_FORM_NUMBER, ROW(pid)},
    [REPORT_C_PPID] = {REPORT_FORM_NUMBER, ROW(ppid)},
    [REPORT_C_PROCS] = {REPORT_FORM_NUMBER, ROW(procs)},
    [REPORT_C_AT_PEAK] = {REPORT_FORM_NUMBER, ROW(at_peak_kib)},
    [REPORT_C_VSZ] = {REPORT_FORM_NUMBER, ROW(vsz_kib)},
    [REPORT_C_TICKS] = {REPORT_FORM_NUMBER, ROW(ticks)},
    [REPORT_C_PSS_AT_PEAK] = {REPORT_FORM_NUMBER, ROW(pss_at_peak_kib)},
};

void report_init(struct report *r)
{
	*r = (struct report){0};
}

void report_free(struct report *r)
{
	for (size_t i = 0; i < r->rows[REPORT_PROCESS].n; i++)
		free(r->rows[REPORT_PROCESS].v[i].label);
	for (int i = 0; i < REPORT_SCOPES; i++)
		free(r->rows[i].v);
	for (size_t i = 0; i < r->texts; i++)
		buf_free(&r->text[i]);
	free(r->text);
	free(r->exceeded);
	free(r->limit_signal);
	free(r->parameter);
	free(r->label);
	free(r->label_column);
	buf_free(&r->later);
}

/* ---- `#` lines */

static bool has_rows(const struct report *r)
{
	size_t n = 0;
	for (int i = 0; i < REPORT_SCOPES; i++)
		n += r->rows[i].n;
	return n > 0;
}

/* A line after the rows belongs to this run, or to the next one if another header follows. */
void report_meta(struct report *r, struct slice line)
{
	if (!has_rows(r)) {
		report_parse_meta(r, line);
		return;
	}
	buf_put(&r->later, line.p, line.n);
	buf_char(&r->later, '\n');
}

void report_end(struct report *r)
{
	for (size_t at = 0; at < r->later.n;) {
		const char *p = r->later.p + at, *newline = memchr(p, '\n', r->later.n - at);
		size_t n = (size_t)(newline - p);
		report_parse_meta(r, (struct slice){p, n});
		at += n + 1;
	}
	r->later.n = 0;
}

/* ---- the header */

static bool is_label(struct slice column)
{
	for (size_t i = 0; i < REPORT_COLUMNS; i++)
		if (slice_is(column, report_columns[i]))
			return false;
	return column.n > 0;
}

/* If two columns have the same name, the first one counts. */
static void add_label(struct report *r, struct slice name, size_t column)
{
	size_t n = r->labels;
	if (n == LABELS_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		if (slice_equal(r->label[i], name))
			return;
	r->label = alloc_grow(r->label, &r->labels_cap, n + 1, sizeof *r->label);
	r->label_column =
	    alloc_grow(r->label_column, &r->label_column_cap, n + 1, sizeof *r->label_column);
	r->label_column[n] = column;
	r->label[n] = name;
	r->labels++;
}

/* Discard the previous run. The `#` lines after its rows belong to the new one. */
static void begin_run(struct report *r)
{
	struct buf later = r->later;
	r->later = (struct buf){0};
	report_free(r);
	*r = (struct report){.later = later};
	report_end(r);
}

void report_header(struct report *r, const struct tsv *t)
{
	if (has_rows(r))
		begin_run(r);
	r->columns = 0;
	r->labels = 0;
	for (size_t i = 0; i < REPORT_COLUMNS; i++)
		if (tsv_has(t, i))
			r->columns |= UINT64_C(1) << i;
	for (size_t i = 0; i < t->columns; i++)
		if (is_label(tsv_column(t, i)))
			add_label(r, report_keep(r, tsv_column(t, i)), i);
}

bool report_has(const struct report *r, enum report_column column)
{
	return (r->columns >> column & 1) != 0;
}

/* ---- rows */

/* Return the scope called NAME, or -1 if there is none. */
static int find_scope(struct slice name)
{
	static const char *const scopes[] = {
	    [REPORT_TOTAL] = "total",
	    [REPORT_GROUP] = "group",
	    [REPORT_PROCESS] = "process",
	    [REPORT_SPAN] = "span",
	};
	for (int i = 0; i < REPORT_SCOPES; i++)
		if (slice_is(name, scopes[i]))
			return i;
	return -1;
}

static const char *parse_row(struct report *r, const struct tsv *t, struct report_row *row)
{
	const char *reason = NULL;
	for (size_t i = REPORT_C_NAME; reason == NULL && i < REPORT_C_METRICS; i++)
		reason =
		    report_parse(r, members[i].form, (char *)row + members[i].at, tsv_field(t, i));
	for (unsigned i = 0; reason == NULL && i < METRIC_LABEL; i++)
		reason = report_parse_metric(r, row, i, tsv_field(t, REPORT_C_METRICS + i));
	return reason;
}

static void keep_labels(struct report *r, const struct tsv *t, struct report_row *row)
{
	if (r->labels == 0)
		return;
	row->label = alloc_resize(NULL, r->labels, sizeof *row->label);
	for (size_t i = 0; i < r->labels; i++)
		row->label[i] = report_keep(r, tsv_column(t, r->label_column[i]));
}

const char *report_row(struct report *r, const struct tsv *t)
{
	int scope = find_scope(tsv_field(t, REPORT_C_SCOPE));
	struct report_row row = {0};
	if (scope < 0)
		return NULL; /* of a later version */
	const char *reason = parse_row(r, t, &row);
	if (reason != NULL)
		return reason;
	if (scope == REPORT_PROCESS)
		keep_labels(r, t, &row);
	struct report_rows *rows = &r->rows[scope];
	rows->v = alloc_grow(rows->v, &rows->cap, rows->n + 1, sizeof row);
	rows->v[rows->n++] = row;
	return NULL;
}

/* ---- the stream */

/* Report what the peaks lack, if anything. */
static void check_total(const struct report *r, const char *name, struct stage_faults *faults)
{
	const struct report_row *total = report_total(r);
	if (faults->n == 0 && total == NULL)
		stage_fault(faults, name, 0, "no peaks");
	else if (faults->n == 0 && !total->rss_kib.known)
		stage_fault(faults, name, 0, "the peak is unknown");
}

/* Take what T has read, which is of this KIND. Return NULL, or the reason why it is invalid. */
static const char *take(struct report *r, const struct tsv *t, enum tsv_kind kind)
{
	if (kind == TSV_META)
		report_meta(r, t->line);
	else if (kind == TSV_HEADER)
		report_header(r, t);
	else if (kind == TSV_ROW)
		return report_row(r, t);
	return kind == TSV_BAD || kind == TSV_ERROR ? t->reason : NULL;
}

void report_read_text(struct report *r, struct slice peaks)
{
	struct tsv t;
	enum tsv_kind kind;
	tsv_init(&t, -1, report_columns, REPORT_REQUIRED);
	t.in.text = peaks;
	while ((kind = tsv_next(&t)) != TSV_END && kind != TSV_ERROR)
		(void)take(r, &t, kind);
	report_end(r);
	tsv_free(&t);
}

int report_read(struct report *r, int fd, const char *name, struct buf *copy)
{
	struct stage_faults faults = {0};
	struct tsv t;
	enum tsv_kind kind;
	tsv_init(&t, fd, report_columns, REPORT_REQUIRED);
	t.copy = copy;
	do {
		kind = tsv_next(&t);
		const char *reason = take(r, &t, kind);
		if (reason != NULL)
			stage_fault(&faults, name, t.in.number, reason);
	} while (kind != TSV_END && kind != TSV_ERROR);
	report_end(r);
	tsv_free(&t);
	check_total(r, name, &faults);
	return stage_faults_end(&faults);
}

/* ---- the run as a whole */

const struct report_row *report_total(const struct report *r)
{
	const struct report_rows *t = &r->rows[REPORT_TOTAL];
	return t->n > 0 ? &t->v[t->n - 1] : NULL;
}

const char *report_total_name(const struct report *r)
{
	struct slice metric = r->limit_metric;
	return slice_is(metric, "footprint") ? "total footprint"
	       : slice_is(metric, "pss")     ? "total PSS"
	       : slice_is(metric, "cgroup")  ? "control group"
					     : "total";
}

bool report_is_complete(const struct report *r)
{
	return r->command.n == 0 || r->exit_code.known || r->signal.known;
}

bool report_is_stopped(const struct report *r)
{
	return !report_is_complete(r) && slice_is(r->stopped, "duration");
}

size_t report_count(const struct report *r, enum report_scope scope)
{
	uint64_t unlisted = 0;
	if (scope == REPORT_PROCESS && r->unlisted.known)
		unlisted = (uint64_t)r->unlisted.value;
	return r->rows[scope].n + (size_t)unlisted;
}

struct report_number report_status(const struct report *r)
{
	return r->signal.known ? (struct report_number){128 + r->signal.value, true} : r->exit_code;
}

int64_t report_start_us(const struct report *r)
{
	if (r->started_us.known)
		return r->started_us.value;
	const struct report_row *t = report_total(r);
	return t != NULL && t->first_us.known ? t->first_us.value : 0;
}

int64_t report_length_us(const struct report *r)
{
	if (r->duration_us.known)
		return r->duration_us.value;
	const struct report_row *t = report_total(r);
	return t != NULL && t->last_us.known ? t->last_us.value - report_start_us(r) : 0;
}

bool report_is_shared(const struct report *r)
{
	const struct report_row *t = report_total(r);
	int64_t peak = t != NULL ? t->rss_kib.value : 0;
	int64_t shared = r->shared_kib.value, at = r->shared_at_rss_kib.value;
	return r->shared_kib.known && shared > 0 && shared >= at / SHARED_PART &&
	       at >= peak - peak / NEAR_PART;
}

struct report_number report_since(const struct report *r, struct report_number us)
{
	us.value -= report_start_us(r);
	return us;
}

int64_t report_measured_us(const struct report *r)
{
	const struct report_row *t = report_total(r);
	int64_t length = report_length_us(r);
	if (t != NULL && t->time_us.known)
		length = max_i64(length, report_since(r, t->time_us).value);
	if (t != NULL && t->last_us.known)
		length = max_i64(length, report_since(r, t->last_us).value);
	return length;
}

bool report_over_time(const struct report *r, int64_t *kib, int n)
{
	const struct report_rows *spans = &r->rows[REPORT_SPAN];
	const struct report_row *t = report_total(r);
	int64_t length = report_measured_us(r), last = 0;
	for (int i = 0; i < n; i++)
		kib[i] = -1;
	for (size_t i = 0; i <= spans->n && length > 0 && t != NULL; i++) {
		const struct report_row *s = i < spans->n ? &spans->v[i] : t;
		int64_t at = report_since(r, s->time_us).value * n / length;
		at = min_i64(max_i64(at, 0), n - 1);
		if (s->time_us.known)
			kib[at] = max_i64(kib[at], s->rss_kib.value);
	}
	for (int i = 0; i < n; i++)
		last = kib[i] = kib[i] < 0 ? last : kib[i];
	return spans->n > 0 && length > 0;
}
