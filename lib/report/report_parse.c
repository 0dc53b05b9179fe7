/* How a report takes in the fields of a stream, and `#` lines. */
#include "report/report_parse.h"

#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "base/slice.h"
#include "stream/escape.h"
#include "stream/tsv.h"

#define RUN(member) offsetof(struct report, member)

static const struct {
	const char *key;
	struct report_member member;
} of_run[] = {
    {"#command", {REPORT_READ_TEXT, RUN(command)}},
    {"#schedule", {REPORT_READ_TEXT, RUN(wake)}},
    {"#events_refused", {REPORT_READ_TEXT, RUN(wake_refused)}},
    {"#group_by", {REPORT_READ_TEXT, RUN(group_by)}},
    {"#cgroup", {REPORT_READ_TEXT, RUN(cgroup)}},
    {"#exit_code", {REPORT_READ_NUMBER, RUN(exit_code)}},
    {"#signal", {REPORT_READ_NUMBER, RUN(signal)}},
    {"#running", {REPORT_READ_NUMBER, RUN(running)}},
    {"#limit_total_kib", {REPORT_READ_NUMBER, RUN(limit_total_kib)}},
    {"#limit_process_kib", {REPORT_READ_NUMBER, RUN(limit_process_kib)}},
    {"#oom_kills", {REPORT_READ_NUMBER, RUN(oom_kills)}},
    {"#cgroup_peak_kib", {REPORT_READ_NUMBER, RUN(cgroup_peak_kib)}},
    {"#cgroup_anon_kib", {REPORT_READ_NUMBER, RUN(cgroup_anon_kib)}},
    {"#cgroup_file_kib", {REPORT_READ_NUMBER, RUN(cgroup_file_kib)}},
    {"#cgroup_kernel_kib", {REPORT_READ_NUMBER, RUN(cgroup_kernel_kib)}},
    {"#unlisted", {REPORT_READ_NUMBER, RUN(unlisted)}},
    {"#pss_reads", {REPORT_READ_NUMBER, RUN(pss_reads)}},
    {"#pss_at_rss_kib", {REPORT_READ_NUMBER, RUN(pss_at_rss_kib)}},
    {"#started", {REPORT_READ_SECONDS, RUN(started_us)}},
    {"#end", {REPORT_READ_SECONDS, RUN(end_us)}},
    {"#duration_seconds", {REPORT_READ_SECONDS, RUN(duration_us)}},
    {"#user_seconds", {REPORT_READ_SECONDS, RUN(user_us)}},
    {"#system_seconds", {REPORT_READ_SECONDS, RUN(system_us)}},
    {"#interval_ms", {REPORT_READ_MILLISECONDS, RUN(interval_us)}},
};

/* V, of N things of SIZE bytes, with room for one more. */
void *report_grown(void *v, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? alloc_resize(v, n == 0 ? 1 : n * 2, size) : v;
}

/* The bytes that a field stands for, for as long as the report lasts. */
struct slice report_keep(struct report *r, struct slice s)
{
	if (s.n == 0)
		return (struct slice){"", 0};
	r->text = report_grown(r->text, r->texts, sizeof *r->text);
	struct buf *b = &r->text[r->texts++];
	*b = (struct buf){0};
	escape_decode(b, s.p, s.n);
	return (struct slice){b->p, b->n};
}

static const char *read_number(struct slice s, struct report_number *n)
{
	uint64_t v = 0;
	*n = (struct report_number){0};
	if (s.n == 0)
		return NULL;
	const char *why = parse_u64(s.p, s.n, INT64_MAX >> 12, &v); /* KiB, as bytes too */
	if (why == NULL)
		*n = (struct report_number){(int64_t)v, 1};
	return why;
}

/* In units of which a microsecond is 1/PART. */
static const char *read_time(struct slice s, int64_t part, struct report_number *n)
{
	int64_t us = 0;
	*n = (struct report_number){0};
	if (s.n == 0)
		return NULL;
	const char *why = parse_time_us(s.p, s.n, &us);
	if (why == NULL)
		*n = (struct report_number){us / part, 1};
	return why;
}

/* FIELD into MEMBER of what is at BASE, a part of R or about to be. */
const char *report_parse(
    struct report *r, void *base, const struct report_member *member, struct slice field)
{
	void *at = (char *)base + member->at;
	switch (member->form) {
	case REPORT_READ_NUMBER:
		return read_number(field, at);
	case REPORT_READ_SECONDS:
		return read_time(field, 1, at);
	case REPORT_READ_MILLISECONDS:
		return read_time(field, 1000, at);
	case REPORT_READ_TEXT:
		*(struct slice *)at = report_keep(r, field);
		break;
	}
	return NULL;
}

/* The field that *REST begins with, which is taken off it. */
static struct slice next_field(struct slice *rest)
{
	const char *tab = rest->n > 0 ? memchr(rest->p, '\t', rest->n) : NULL;
	struct slice field = {rest->p, tab != NULL ? (size_t)(tab - rest->p) : rest->n};
	size_t skip = tab != NULL ? field.n + 1 : field.n;
	*rest = (struct slice){rest->p + skip, rest->n - skip};
	return field;
}

static void take_exceeded(struct report *r, struct slice value)
{
	struct report_exceeded e = {.by_process = slice_is(next_field(&value), "process")};
	if (read_number(next_field(&value), &e.rss_kib) != NULL ||
	    read_time(next_field(&value), 1, &e.time_us) != NULL ||
	    read_number(next_field(&value), &e.pid) != NULL)
		return;
	e.name = report_keep(r, next_field(&value));
	r->exceeded = report_grown(r->exceeded, r->exceeded_n, sizeof e);
	r->exceeded[r->exceeded_n++] = e;
}

void report_parse_meta(struct report *r, struct slice line)
{
	struct slice value;
	for (size_t i = 0; i < sizeof of_run / sizeof *of_run; i++)
		if (tsv_is_meta(line, of_run[i].key, &value))
			(void)report_parse(r, r, &of_run[i].member, value);
	if (tsv_is_meta(line, "#left_out", &value)) {
		(void)read_number(next_field(&value), &r->left_out_procs);
		(void)read_number(next_field(&value), &r->left_out_kib);
	}
	if (tsv_is_meta(line, "#limit_exceeded", &value))
		take_exceeded(r, value);
	if (tsv_is_meta(line, "#limit_signal", &value)) {
		r->limit_signal =
		    report_grown(r->limit_signal, r->limit_signals, sizeof *r->limit_signal);
		r->limit_signal[r->limit_signals++] = report_keep(r, value);
	}
}
