/* SPDX-License-Identifier: MIT */
/* The parsers of the fields and `#` lines of a peaks stream. */
#include "report/report_parse.h"

#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "stream/escape.h"
#include "stream/tsv.h"

#define KIB_MAX (INT64_MAX >> 12) /* as bytes it fits too */

#define RUN(member) offsetof(struct report, member)

/* The `#` lines with one value. */
static const struct {
	const char *key;
	enum report_form form;
	size_t at;
} run_lines[] = {
    {"#command", REPORT_FORM_TEXT, RUN(command)},
    {"#schedule", REPORT_FORM_TEXT, RUN(schedule)},
    {"#events_refused", REPORT_FORM_TEXT, RUN(events_refused)},
    {"#bound_refused", REPORT_FORM_TEXT, RUN(bound_refused)},
    {"#group_by", REPORT_FORM_TEXT, RUN(group_by)},
    {"#cgroup", REPORT_FORM_TEXT, RUN(cgroup)},
    {"#stopped", REPORT_FORM_TEXT, RUN(stopped)},
    {"#limit_metric", REPORT_FORM_TEXT, RUN(limit_metric)},
    {"#exit_code", REPORT_FORM_NUMBER, RUN(exit_code)},
    {"#signal", REPORT_FORM_NUMBER, RUN(signal)},
    {"#running", REPORT_FORM_NUMBER, RUN(running)},
    {"#joined", REPORT_FORM_NUMBER, RUN(joined)},
    {"#limit_total_kib", REPORT_FORM_NUMBER, RUN(limit_total_kib)},
    {"#limit_process_kib", REPORT_FORM_NUMBER, RUN(limit_process_kib)},
    {"#oom_kills", REPORT_FORM_NUMBER, RUN(oom_kills)},
    {"#cgroup_peak_kib", REPORT_FORM_NUMBER, RUN(cgroup_peak_kib)},
    {"#cgroup_anon_kib", REPORT_FORM_NUMBER, RUN(cgroup_anon_kib)},
    {"#cgroup_file_kib", REPORT_FORM_NUMBER, RUN(cgroup_file_kib)},
    {"#cgroup_shmem_kib", REPORT_FORM_NUMBER, RUN(cgroup_shmem_kib)},
    {"#cgroup_kernel_kib", REPORT_FORM_NUMBER, RUN(cgroup_kernel_kib)},
    {"#bound_exits", REPORT_FORM_NUMBER, RUN(bound_exits)},
    {"#unlisted", REPORT_FORM_NUMBER, RUN(unlisted)},
    {"#pss_reads", REPORT_FORM_NUMBER, RUN(pss_reads)},
    {"#pss_at_rss_kib", REPORT_FORM_NUMBER, RUN(pss_at_rss_kib)},
    {"#pss_bound_kib", REPORT_FORM_NUMBER, RUN(pss_bound_kib)},
    {"#shared_kib", REPORT_FORM_NUMBER, RUN(shared_kib)},
    {"#shared_at_rss_kib", REPORT_FORM_NUMBER, RUN(shared_at_rss_kib)},
    {"#rss_mean_kib", REPORT_FORM_NUMBER, RUN(rss_mean_kib)},
    {"#rss_median_kib", REPORT_FORM_NUMBER, RUN(rss_median_kib)},
    {"#rss_p95_kib", REPORT_FORM_NUMBER, RUN(rss_p95_kib)},
    {"#rss_resting_kib", REPORT_FORM_NUMBER, RUN(rss_resting_kib)},
    {"#rss_gib_seconds", REPORT_FORM_SECONDS, RUN(rss_gib_us)},
    {"#started", REPORT_FORM_SECONDS, RUN(started_us)},
    {"#end", REPORT_FORM_SECONDS, RUN(end_us)},
    {"#duration_seconds", REPORT_FORM_SECONDS, RUN(duration_us)},
    {"#user_seconds", REPORT_FORM_SECONDS, RUN(user_us)},
    {"#system_seconds", REPORT_FORM_SECONDS, RUN(system_us)},
    {"#interval_ms", REPORT_FORM_MILLISECONDS, RUN(interval_us)},
    {"#kernel", REPORT_FORM_TEXT, RUN(kernel)},
    {"#cpus", REPORT_FORM_NUMBER, RUN(cpus)},
    {"#transparent_huge_pages", REPORT_FORM_TEXT, RUN(huge_pages)},
    {"#swap_total_kib", REPORT_FORM_NUMBER, RUN(swap_total_kib)},
    {"#mempipe_version", REPORT_FORM_TEXT, RUN(version)},
};

struct slice report_keep(struct report *r, struct slice field)
{
	if (field.n == 0)
		return (struct slice){"", 0};
	r->text = alloc_grow(r->text, &r->texts_cap, r->texts + 1, sizeof *r->text);
	struct buf *b = &r->text[r->texts++];
	*b = (struct buf){0};
	escape_decode(b, field.p, field.n);
	return (struct slice){b->p, b->n};
}

static const char *parse_number(struct slice field, struct report_number *number)
{
	uint64_t value = 0;
	*number = (struct report_number){0};
	if (field.n == 0)
		return NULL;
	const char *reason = parse_u64(field.p, field.n, KIB_MAX, &value);
	if (reason == NULL)
		*number = (struct report_number){(int64_t)value, true};
	return reason;
}

/* Parse a decimal number with up to six decimals. UNIT_US is the length of 1 in microseconds. */
static const char *parse_time(struct slice field, int64_t unit_us, struct report_number *number)
{
	int64_t millionths = 0;
	*number = (struct report_number){0};
	if (field.n == 0)
		return NULL;
	const char *reason = parse_time_us(field.p, field.n, &millionths);
	if (reason == NULL)
		*number = (struct report_number){millionths / (1000000 / unit_us), true};
	return reason;
}

const char *report_parse(struct report *r, enum report_form form, void *to, struct slice field)
{
	switch (form) {
	case REPORT_FORM_NUMBER:
		return parse_number(field, to);
	case REPORT_FORM_SECONDS:
		return parse_time(field, 1000000, to);
	case REPORT_FORM_MILLISECONDS:
		return parse_time(field, 1000, to);
	case REPORT_FORM_TEXT:
		*(struct slice *)to = report_keep(r, field);
		break;
	}
	return NULL;
}

const char *report_parse_metric(
    struct report *r, struct report_row *row, unsigned i, struct slice field)
{
	static const enum report_form forms[] = {
	    [METRICS_KIB] = REPORT_FORM_NUMBER,
	    [METRICS_COUNT] = REPORT_FORM_NUMBER,
	    [METRICS_MS] = REPORT_FORM_MILLISECONDS,
	    [METRICS_TIME] = REPORT_FORM_SECONDS,
	    [METRICS_TEXT] = REPORT_FORM_TEXT,
	};
	enum report_form form = forms[metrics_table[i].kind];
	struct report_value *v = &row->metric[i];
	if (form != REPORT_FORM_TEXT)
		return report_parse(r, form, &v->number, field);
	v->number.known = field.n > 0;
	return report_parse(r, form, &v->text, field);
}

static void parse_exceeded(struct report *r, struct slice value)
{
	bool by_process = slice_is(tsv_take_field(&value), "process");
	struct report_exceeded e = {.scope = slice_of(by_process ? "process" : "total")};
	if (parse_number(tsv_take_field(&value), &e.kib) != NULL ||
	    parse_time(tsv_take_field(&value), 1000000, &e.time_us) != NULL ||
	    parse_number(tsv_take_field(&value), &e.pid) != NULL)
		return;
	if (r->limit_metric.n == 0)
		e.rss_kib = e.kib;
	struct slice name = tsv_take_field(&value);
	if (by_process || name.n > 0)
		e.name = report_keep(r, name);
	r->exceeded = alloc_grow(r->exceeded, &r->exceeded_cap, r->exceeded_n + 1, sizeof e);
	r->exceeded[r->exceeded_n++] = e;
}

static void parse_excluded(struct report *r, struct slice value)
{
	(void)parse_number(tsv_take_field(&value), &r->excluded_procs);
	(void)parse_number(tsv_take_field(&value), &r->excluded_kib);
}

static void parse_signal(struct report *r, struct slice value)
{
	size_t n = r->limit_signals;
	r->limit_signal =
	    alloc_grow(r->limit_signal, &r->limit_signals_cap, n + 1, sizeof *r->limit_signal);
	r->limit_signal[r->limit_signals++] = report_keep(r, value);
}

static void parse_parameter(struct report *r, struct slice value)
{
	size_t n = r->parameters;
	struct slice name = tsv_take_field(&value);
	r->parameter = alloc_grow(r->parameter, &r->parameters_cap, n + 1, sizeof *r->parameter);
	r->parameter[r->parameters++] =
	    (struct report_parameter){report_keep(r, name), report_keep(r, value)};
}

void report_parse_meta(struct report *r, struct slice line)
{
	struct slice value;
	for (size_t i = 0; i < sizeof run_lines / sizeof *run_lines; i++)
		if (tsv_is_meta(line, run_lines[i].key, &value))
			(void)report_parse(
			    r, run_lines[i].form, (char *)r + run_lines[i].at, value);
	if (tsv_is_meta(line, "#excluded", &value))
		parse_excluded(r, value);
	if (tsv_is_meta(line, "#limit_exceeded", &value))
		parse_exceeded(r, value);
	if (tsv_is_meta(line, "#limit_signal", &value))
		parse_signal(r, value);
	if (tsv_is_meta(line, "#parameter", &value))
		parse_parameter(r, value);
}
