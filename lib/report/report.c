/* A peaks stream, read whole. */
#include "report/report_parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "stream/tsv.h"

#define LABELS_MAX 64 /* mempeak has 16; more are no labels, but somebody's table */

const char *const report_columns[REPORT_COLUMNS + 1] = {
    [REPORT_C_SCOPE] = "scope",
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
    [REPORT_C_PSS] = "pss_kib",
    [REPORT_C_USS] = "uss_kib",
    [REPORT_C_PSS_AT_PEAK] = "pss_at_peak_kib",
    [REPORT_C_SWAP] = "swap_kib",
    [REPORT_C_THREADS] = "threads",
    [REPORT_C_REGIONS] = "regions",
    [REPORT_C_CPU] = "cpu_ms",
    [REPORT_C_READ] = "read_kib",
    [REPORT_C_WRITE] = "write_kib",
    [REPORT_C_START] = "start",
    [REPORT_C_EXE] = "exe",
    [REPORT_C_USER] = "user",
    [REPORT_C_CMD] = "cmd",
};

#define ROW(member) offsetof(struct report_row, member)

static const struct report_member of_row[REPORT_COLUMNS] = {
    [REPORT_C_NAME] = {REPORT_READ_TEXT, ROW(name)},
    [REPORT_C_RSS] = {REPORT_READ_NUMBER, ROW(rss_kib)},
    [REPORT_C_BOUND] = {REPORT_READ_NUMBER, ROW(bound_kib)},
    [REPORT_C_FIRST] = {REPORT_READ_SECONDS, ROW(first_us)},
    [REPORT_C_LAST] = {REPORT_READ_SECONDS, ROW(last_us)},
    [REPORT_C_TIME] = {REPORT_READ_SECONDS, ROW(time_us)},
    [REPORT_C_PID] = {REPORT_READ_NUMBER, ROW(pid)},
    [REPORT_C_PPID] = {REPORT_READ_NUMBER, ROW(ppid)},
    [REPORT_C_PROCS] = {REPORT_READ_NUMBER, ROW(procs)},
    [REPORT_C_AT_PEAK] = {REPORT_READ_NUMBER, ROW(at_peak_kib)},
    [REPORT_C_VSZ] = {REPORT_READ_NUMBER, ROW(vsz_kib)},
    [REPORT_C_TICKS] = {REPORT_READ_NUMBER, ROW(ticks)},
    [REPORT_C_PSS] = {REPORT_READ_NUMBER, ROW(pss_kib)},
    [REPORT_C_USS] = {REPORT_READ_NUMBER, ROW(uss_kib)},
    [REPORT_C_PSS_AT_PEAK] = {REPORT_READ_NUMBER, ROW(pss_at_peak_kib)},
    [REPORT_C_SWAP] = {REPORT_READ_NUMBER, ROW(swap_kib)},
    [REPORT_C_THREADS] = {REPORT_READ_NUMBER, ROW(threads)},
    [REPORT_C_REGIONS] = {REPORT_READ_NUMBER, ROW(regions)},
    [REPORT_C_CPU] = {REPORT_READ_MILLISECONDS, ROW(cpu_us)},
    [REPORT_C_READ] = {REPORT_READ_NUMBER, ROW(read_kib)},
    [REPORT_C_WRITE] = {REPORT_READ_NUMBER, ROW(write_kib)},
    [REPORT_C_START] = {REPORT_READ_SECONDS, ROW(start_us)},
    [REPORT_C_EXE] = {REPORT_READ_TEXT, ROW(exe)},
    [REPORT_C_USER] = {REPORT_READ_TEXT, ROW(user)},
    [REPORT_C_CMD] = {REPORT_READ_TEXT, ROW(cmd)},
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
	free(r->label);
	free(r->label_column);
	buf_free(&r->later);
}

static int has_rows(const struct report *r)
{
	size_t n = 0;
	for (int i = 0; i < REPORT_SCOPES; i++)
		n += r->rows[i].n;
	return n > 0;
}

/* Behind the rows, it is of this run or of one that follows. */
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

static int is_label(struct slice column)
{
	for (size_t i = 0; i < REPORT_COLUMNS; i++)
		if (slice_is(column, report_columns[i]))
			return 0;
	return column.n > 0;
}

/* Of two columns of one name, the first counts. */
static void add_label(struct report *r, struct slice name, size_t column)
{
	if (r->labels == LABELS_MAX)
		return;
	for (size_t i = 0; i < r->labels; i++)
		if (r->label[i].n == name.n && memcmp(r->label[i].p, name.p, name.n) == 0)
			return;
	r->label = report_grown(r->label, r->labels, sizeof *r->label);
	r->label_column = report_grown(r->label_column, r->labels, sizeof *r->label_column);
	r->label_column[r->labels] = column;
	r->label[r->labels++] = name;
}

void report_header(struct report *r, const struct tsv *t)
{
	if (has_rows(r)) { /* another run: nothing of the last remains */
		struct buf later = r->later;
		r->later = (struct buf){0};
		report_free(r);
		*r = (struct report){.later = later};
		report_end(r);
	}
	r->columns = 0;
	r->labels = 0;
	for (size_t i = 0; i < REPORT_COLUMNS; i++)
		if (tsv_has(t, i))
			r->columns |= UINT32_C(1) << i;
	for (size_t i = 0; i < t->columns; i++)
		if (is_label(tsv_column(t, i)))
			add_label(r, report_keep(r, tsv_column(t, i)), i);
}

int report_has(const struct report *r, enum report_column column)
{
	return (r->columns >> column & 1) != 0;
}

static int find_scope(struct slice s)
{
	static const char *const scopes[] = {
	    [REPORT_TOTAL] = "total",
	    [REPORT_GROUP] = "group",
	    [REPORT_PROCESS] = "process",
	    [REPORT_SPAN] = "span",
	};
	for (int i = 0; i < REPORT_SCOPES; i++)
		if (slice_is(s, scopes[i]))
			return i;
	return -1;
}

const char *report_row(struct report *r, const struct tsv *t)
{
	int scope = find_scope(tsv_field(t, REPORT_C_SCOPE));
	if (scope < 0)
		return NULL; /* of a later version: not for us */
	struct report_row row = {0};
	const char *why = NULL;
	for (size_t i = REPORT_C_NAME; why == NULL && i < REPORT_COLUMNS; i++)
		why = report_parse(r, &row, &of_row[i], tsv_field(t, i));
	if (why != NULL)
		return why;
	if (scope == REPORT_PROCESS && r->labels > 0)
		row.label = alloc_resize(NULL, r->labels, sizeof *row.label);
	for (size_t i = 0; row.label != NULL && i < r->labels; i++)
		row.label[i] = report_keep(r, tsv_column(t, r->label_column[i]));
	struct report_rows *rows = &r->rows[scope];
	rows->v = report_grown(rows->v, rows->n, sizeof *rows->v);
	rows->v[rows->n++] = row;
	return NULL;
}

const struct report_row *report_total(const struct report *r)
{
	const struct report_rows *t = &r->rows[REPORT_TOTAL];
	return t->n > 0 ? &t->v[t->n - 1] : NULL;
}

int report_is_complete(const struct report *r)
{
	return r->command.n == 0 || r->exit_code.known || r->signal.known;
}

size_t report_count(const struct report *r, enum report_scope scope)
{
	uint64_t unlisted = 0;
	if (scope == REPORT_PROCESS && r->unlisted.known)
		unlisted = (uint64_t)r->unlisted.value;
	return r->rows[scope].n + (size_t)unlisted;
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

struct report_number report_since(const struct report *r, struct report_number us)
{
	us.value -= report_start_us(r);
	return us;
}
