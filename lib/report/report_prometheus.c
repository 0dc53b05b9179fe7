/* SPDX-License-Identifier: MIT */
/* The report as text in the format of Prometheus, for the textfile collector of node_exporter or a
 * push gateway, or in that of OpenMetrics. The latter also has units, the type `info`, and an
 * end. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "report/report.h"
#include "report/report_fields.h"
#include "stream/escape.h"

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

/* Append the texts of the run as the labels of one metric. */
static void put_info(const struct report *r, bool open, struct buf *out)
{
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	char separator = '{';
	const char *name = open ? "mempipe_run" : "mempipe_run_info";
	buf_printf(out, "# TYPE %s %s\n# HELP %s The run that was measured.\nmempipe_run_info", name,
	    open ? "info" : "gauge", name);
	for (struct report_field f; report_fields_next(&fields, &f);) {
		struct report_value v = report_get(r, report_total(r), &f);
		if ((f.kind != REPORT_TEXT && f.kind != REPORT_NAME) || !v.number.known)
			continue;
		buf_char(out, separator);
		put_name(out, "", &f);
		buf_char(out, '=');
		put_label_value(out, v.text);
		separator = ',';
	}
	buf_str(out, "} 1\n");
}

static void put_run(const struct report *r, bool open, struct buf *out)
{
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	for (struct report_field f; report_fields_next(&fields, &f);) {
		struct report_value v = report_get(r, report_total(r), &f);
		struct buf name = {0};
		if (!f.gauge || !v.number.known)
			continue;
		put_name(&name, "mempipe_", &f);
		put_head(out, open, &name, &f);
		buf_put(out, name.p, name.n);
		buf_char(out, ' ');
		put_value(out, f.kind, v.number.value);
		buf_free(&name);
	}
}

/* Return whether F is known of a group. */
static bool has_groups(const struct report *r, const struct report_field *f)
{
	const struct report_rows *groups = &r->rows[REPORT_GROUP];
	for (size_t i = 0; i < groups->n; i++)
		if (report_get(r, &groups->v[i], f).number.known)
			return true;
	return false;
}

/* Append one metric, with a value for each group. */
static void put_group_metric(
    const struct report *r, bool open, const struct report_field *f, struct buf *out)
{
	const struct report_rows *groups = &r->rows[REPORT_GROUP];
	struct buf name = {0};
	put_name(&name, "mempipe_group_", f);
	put_head(out, open, &name, f);
	for (size_t i = 0; i < groups->n; i++) {
		struct report_value v = report_get(r, &groups->v[i], f);
		if (!v.number.known)
			continue;
		buf_put(out, name.p, name.n);
		buf_str(out, "{group=");
		put_label_value(out, groups->v[i].name);
		buf_str(out, "} ");
		put_value(out, f->kind, v.number.value);
	}
	buf_free(&name);
}

static void put_metrics(const struct report *r, bool open, struct buf *out)
{
	struct report_fields fields = {.list = REPORT_FIELDS_GROUP};
	put_info(r, open, out);
	put_run(r, open, out);
	for (struct report_field f; report_fields_next(&fields, &f);)
		if (f.gauge && has_groups(r, &f))
			put_group_metric(r, open, &f, out);
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
