/* A peaks stream, read whole. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "parse.h"
#include "table.h"

enum { SCOPE, NAME, RSS, BOUND, FIRST, LAST, TIME, PID, PPID, PROCS, AT_PEAK, VSZ, TICKS };

const char *const report_columns[] = {
    [SCOPE] = "scope",
    [NAME] = "name",
    [RSS] = "rss_kib",
    [BOUND] = "bound_kib",
    [FIRST] = "first",
    [LAST] = "last",
    [TIME] = "time", /* required */
    [PID] = "pid",
    [PPID] = "ppid",
    [PROCS] = "procs",
    [AT_PEAK] = "at_peak_kib",
    [VSZ] = "vsz_kib",
    [TICKS] = "ticks",
    NULL,
};

void report_init(struct report *r)
{
	*r = (struct report){0};
}

void report_free(struct report *r)
{
	for (int i = 0; i < REPORT_SCOPES; i++)
		free(r->rows[i].v);
	for (size_t i = 0; i < r->texts; i++)
		buf_free(&r->text[i]);
	free(r->text);
}

/* The bytes that a field stands for, for as long as the report lasts. */
static struct slice keep(struct report *r, struct slice s)
{
	if ((r->texts & (r->texts - 1)) == 0)
		r->text = err_realloc(r->text, r->texts == 0 ? 1 : r->texts * 2, sizeof *r->text);
	struct buf *b = &r->text[r->texts++];
	*b = (struct buf){0};
	buf_unescape(b, s.p, s.n);
	return (struct slice){b->p, b->n};
}

static const char *read_number(struct slice s, struct report_number *n)
{
	uint64_t v = 0;
	*n = (struct report_number){0};
	if (s.n == 0)
		return NULL;
	const char *why = parse_u64(s.p, s.n, INT64_MAX >> 20, &v);
	if (why == NULL)
		*n = (struct report_number){(int64_t)v, 1};
	return why;
}

static const char *read_time(struct slice s, struct report_number *n)
{
	int64_t us = 0;
	*n = (struct report_number){0};
	if (s.n == 0)
		return NULL;
	const char *why = parse_time_us(s.p, s.n, &us);
	if (why == NULL && us > INT64_MAX >> 8)
		why = "too large";
	if (why == NULL)
		*n = (struct report_number){us, 1};
	return why;
}

static void take_interval(struct report *r, struct slice value)
{
	struct report_number ms;
	if (read_time(value, &ms) == NULL && ms.known) /* in thousandths of it */
		r->interval_us = (struct report_number){ms.value / 1000, 1};
}

void report_meta(struct report *r, struct slice line)
{
	const struct {
		const char *key;
		struct report_number *number;
	} numbers[] =
	    {
		{"#exit_code", &r->exit_code},
		{"#signal", &r->signal},
		{"#running", &r->running},
	    },
	  times[] = {
	      {"#started", &r->started_us},
	      {"#end", &r->end_us},
	      {"#duration_seconds", &r->duration_us},
	      {"#user_seconds", &r->user_us},
	      {"#system_seconds", &r->system_us},
	  };
	struct slice value;
	if (table_is_meta(line, "#command", &value))
		r->command = keep(r, value);
	if (table_is_meta(line, "#wake", &value))
		r->wake = keep(r, value);
	if (table_is_meta(line, "#wake_refused", &value))
		r->wake_refused = keep(r, value);
	if (table_is_meta(line, "#interval_ms", &value))
		take_interval(r, value);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (table_is_meta(line, numbers[i].key, &value))
			(void)read_number(value, numbers[i].number);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (table_is_meta(line, times[i].key, &value))
			(void)read_time(value, times[i].number);
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
		if (s.n == strlen(scopes[i]) && memcmp(s.p, scopes[i], s.n) == 0)
			return i;
	return -1;
}

static const char *read_row(const struct table *t, struct report_row *row)
{
	const struct {
		int column;
		struct report_number *number;
	} numbers[] =
	    {
		{PID, &row->pid},
		{PPID, &row->ppid},
		{PROCS, &row->procs},
		{TICKS, &row->ticks},
		{RSS, &row->rss_kib},
		{BOUND, &row->bound_kib},
		{AT_PEAK, &row->at_peak_kib},
		{VSZ, &row->vsz_kib},
	    },
	  times[] = {{TIME, &row->time_us}, {FIRST, &row->first_us}, {LAST, &row->last_us}};
	const char *why = NULL;
	for (size_t i = 0; why == NULL && i < sizeof numbers / sizeof *numbers; i++)
		why = read_number(table_field(t, (size_t)numbers[i].column), numbers[i].number);
	for (size_t i = 0; why == NULL && i < sizeof times / sizeof *times; i++)
		why = read_time(table_field(t, (size_t)times[i].column), times[i].number);
	return why;
}

const char *report_row(struct report *r, const struct table *t)
{
	int scope = find_scope(table_field(t, SCOPE));
	if (scope < 0)
		return NULL; /* of a later version: not for us */
	struct report_row row = {0};
	const char *why = read_row(t, &row);
	if (why != NULL)
		return why;
	row.name = keep(r, table_field(t, NAME));
	struct report_rows *rows = &r->rows[scope];
	if (rows->n == rows->cap) {
		rows->cap = rows->cap == 0 ? 8 : rows->cap * 2;
		rows->v = err_realloc(rows->v, rows->cap, sizeof *rows->v);
	}
	rows->v[rows->n++] = row;
	return NULL;
}

const struct report_row *report_total(const struct report *r)
{
	const struct report_rows *t = &r->rows[REPORT_TOTAL];
	return t->n > 0 ? &t->v[t->n - 1] : NULL;
}

int64_t report_start_us(const struct report *r)
{
	if (r->started_us.known)
		return r->started_us.value;
	return report_total(r)->first_us.known ? report_total(r)->first_us.value : 0;
}

int64_t report_length_us(const struct report *r)
{
	if (r->duration_us.known)
		return r->duration_us.value;
	const struct report_number *last = &report_total(r)->last_us;
	return last->known ? last->value - report_start_us(r) : 0;
}
