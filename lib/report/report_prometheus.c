/* SPDX-License-Identifier: MIT */
/* The report as text in the format of Prometheus, for the textfile collector of node_exporter or a
 * push gateway, or in that of OpenMetrics. The latter also has units, the type `info`, and an
 * end. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "report/report_fields.h"
#include "stream/escape.h"

#define PROCESSES 10 /* that have metrics of their own, at most */

struct metrics_text {
	const struct report *r;
	bool open; /* OpenMetrics */
	struct buf common; /* the labels that every metric has */
	struct buf *out;
};

/* Append a value in base units. */
static void put_value(struct buf *out, enum report_kind kind, int64_t value)
{
	if (kind == REPORT_SECONDS || kind == REPORT_DECIMAL || kind == REPORT_DATE)
		buf_time(out, value);
	else
		buf_printf(out, "%" PRId64, kind == REPORT_KIB ? value * 1024 : value);
	buf_char(out, '\n');
}

/* Append RAW, escaped as in the streams, so that different names remain different. */
static void put_label_value(struct buf *out, struct slice raw)
{
	struct buf field = {0};
	escape_field(&field, raw.p, raw.n);
	buf_char(out, '"');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"' || field.p[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, field.p[i]);
	}
	buf_char(out, '"');
	buf_free(&field);
}

/* Append the key of F as the name of a metric, which ends in its unit. */
static void put_name(struct buf *out, const char *prefix, const struct report_field *f)
{
	size_t n = strlen(f->key);
	if (f->kind == REPORT_KIB)
		n -= strlen("_kib");
	if (f->kind == REPORT_DATE)
		n -= strlen("_at");
	buf_str(out, prefix);
	for (size_t i = 0; i < n; i++)
		buf_char(out, f->key[i] == '.' ? '_' : f->key[i]);
	if (f->kind == REPORT_KIB)
		buf_str(out, "_bytes");
	if (f->kind == REPORT_DATE)
		buf_str(out, "_timestamp_seconds");
}

/* Append the lines that describe the metric NAME. */
static void put_head(
    struct buf *out, bool open, const struct buf *name, const struct report_field *f)
{
	int n = (int)name->n;
	buf_printf(out, "# TYPE %.*s gauge\n", n, name->p);
	if (open && f->kind == REPORT_KIB)
		buf_printf(out, "# UNIT %.*s bytes\n", n, name->p);
	if (open && (f->kind == REPORT_SECONDS || f->kind == REPORT_DATE))
		buf_printf(out, "# UNIT %.*s seconds\n", n, name->p);
	buf_printf(out, "# HELP %.*s %c%s.\n", n, name->p, toupper((unsigned char)f->help[0]),
	    f->help + 1);
}

/* ---- labels */

/* Append a label to the list LABELS. */
static void put_label(struct buf *labels, const char *name, struct slice value)
{
	buf_printf(labels, "%s%s=", labels->n > 0 ? "," : "", name);
	put_label_value(labels, value);
}

/* Return the value of label I if all processes have it in common, or an empty one. */
static struct slice common_label(const struct report *r, size_t i)
{
	const struct report_rows *processes = &r->rows[REPORT_PROCESS];
	for (size_t j = 0; j < processes->n; j++)
		if (!slice_equal(processes->v[j].label[i], processes->v[0].label[i]))
			return (struct slice){"", 0};
	return processes->n > 0 ? processes->v[0].label[i] : (struct slice){"", 0};
}

/* Return whether NAME is a label of a metric, whatever is measured. */
static bool is_own_label(struct slice name)
{
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	for (struct report_field f; report_fields_next(&fields, &f);)
		if ((f.kind == REPORT_TEXT || f.kind == REPORT_NAME) && slice_is(name, f.key))
			return true;
	return slice_is(name, "group") || slice_is(name, "process") || slice_is(name, "pid");
}

/* Append the labels that were given to all processes. */
static void put_common_labels(const struct report *r, struct buf *labels)
{
	for (size_t i = 0; i < r->labels; i++) {
		struct buf name = {0};
		struct slice value = common_label(r, i);
		buf_put(&name, r->label[i].p, r->label[i].n);
		buf_char(&name, '\0');
		if (value.n > 0 && !is_own_label(r->label[i]))
			put_label(labels, name.p, value);
		buf_free(&name);
	}
}

/* Append LABELS and those that every metric has, and the space before the value. */
static void put_labels(const struct metrics_text *t, struct buf *labels)
{
	if (labels->n > 0 && t->common.n > 0)
		buf_char(labels, ',');
	buf_put(labels, t->common.p, t->common.n);
	if (labels->n > 0) {
		buf_char(t->out, '{');
		buf_put(t->out, labels->p, labels->n);
		buf_char(t->out, '}');
	}
	buf_char(t->out, ' ');
}

/* Append the labels of ROW, of SCOPE. */
static void put_row_labels(
    const struct metrics_text *t, enum report_scope scope, const struct report_row *row)
{
	struct buf labels = {0};
	if (scope == REPORT_GROUP)
		put_label(&labels, "group", row->name);
	if (scope == REPORT_PROCESS) {
		char pid[32];
		put_label(&labels, "process", row->name);
		snprintf(pid, sizeof pid, "%" PRId64, row->pid.value);
		put_label(&labels, "pid", slice_of(pid));
	}
	put_labels(t, &labels);
	buf_free(&labels);
}

/* Append the texts of the run as the labels of one metric. */
static void put_info(const struct metrics_text *t)
{
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	struct buf labels = {0};
	const char *name = t->open ? "mempipe_run" : "mempipe_run_info";
	buf_printf(t->out, "# TYPE %s %s\n# HELP %s The run that was measured.\nmempipe_run_info",
	    name, t->open ? "info" : "gauge", name);
	for (struct report_field f; report_fields_next(&fields, &f);) {
		struct report_value v = report_get(t->r, report_total(t->r), &f);
		struct buf label = {0};
		if ((f.kind != REPORT_TEXT && f.kind != REPORT_NAME) || !v.number.known)
			continue;
		put_name(&label, "", &f);
		buf_char(&label, '\0');
		put_label(&labels, label.p, v.text);
		buf_free(&label);
	}
	put_labels(t, &labels);
	buf_str(t->out, "1\n");
	buf_free(&labels);
}

/* ---- metrics */

/* Return whether row I has the labels of one before it: a process that has the ID of an earlier one
 * of its name. */
static bool is_repeated(const struct report_rows *rows, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (rows->v[j].pid.value == rows->v[i].pid.value &&
		    slice_equal(rows->v[j].name, rows->v[i].name))
			return true;
	return false;
}

/* Append one metric, with a value for each of the first rows of SCOPE, up to MAX. */
static void put_metric(const struct metrics_text *t, enum report_scope scope, size_t max,
    const struct report_field *f)
{
	static const char *const prefixes[] = {[REPORT_TOTAL] = "mempipe_",
	    [REPORT_GROUP] = "mempipe_group_",
	    [REPORT_PROCESS] = "mempipe_process_"};
	const struct report_rows *rows = &t->r->rows[scope];
	struct buf name = {0};
	bool described = false;
	put_name(&name, prefixes[scope], f);
	for (size_t i = 0; i < rows->n && i < max; i++) {
		struct report_value v = report_get(t->r, &rows->v[i], f);
		if (!v.number.known || (scope == REPORT_PROCESS && is_repeated(rows, i)))
			continue;
		if (!described)
			put_head(t->out, t->open, &name, f);
		described = true;
		buf_put(t->out, name.p, name.n);
		put_row_labels(t, scope, &rows->v[i]);
		put_value(t->out, f->kind, v.number.value);
	}
	buf_free(&name);
}

static void put_metrics(const struct report *r, bool open, struct buf *out)
{
	static const struct {
		enum report_list list;
		enum report_scope scope;
		size_t max; /* rows */
	} parts[] = {
	    {REPORT_FIELDS_RUN, REPORT_TOTAL, 1},
	    {REPORT_FIELDS_GROUP, REPORT_GROUP, SIZE_MAX},
	    {REPORT_FIELDS_PROCESS, REPORT_PROCESS, PROCESSES},
	};
	struct metrics_text t = {.r = r, .open = open, .out = out};
	put_common_labels(r, &t.common);
	put_info(&t);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct report_fields fields = {.list = parts[i].list};
		for (struct report_field f; report_fields_next(&fields, &f);)
			if (f.gauge)
				put_metric(&t, parts[i].scope, parts[i].max, &f);
	}
	buf_free(&t.common);
}

void report_prometheus(const struct report *r, const struct report_style *style, struct buf *out)
{
	(void)style;
	put_metrics(r, false, out);
}

void report_openmetrics(const struct report *r, const struct report_style *style, struct buf *out)
{
	(void)style;
	put_metrics(r, true, out);
	buf_str(out, "# EOF\n");
}
