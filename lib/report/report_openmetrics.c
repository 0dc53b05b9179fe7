/* The report as OpenMetrics text: a node exporter's textfile, a push gateway. */
#include <string.h>

#include "base/slice.h"
#include "report/report.h"
#include "stream/escape.h"

/* A value in base units. */
static void put_value(struct buf *out, enum report_kind kind, int64_t value)
{
	if (kind == REPORT_SECONDS || kind == REPORT_DATE)
		buf_time(out, value);
	else
		buf_printf(out, "%lld", (long long)(kind == REPORT_KIB ? value * 1024 : value));
	buf_char(out, '\n');
}

/* As the streams have it, so that different names stay different. */
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

/* KEY as the name of a metric: the unit is the last word of it. */
static void put_name(struct buf *out, const char *prefix, const char *key, enum report_kind kind)
{
	size_t n = strlen(key);
	n -= kind == REPORT_KIB ? strlen("_kib") : kind == REPORT_DATE ? strlen("_at") : 0;
	buf_str(out, prefix);
	for (size_t i = 0; i < n; i++)
		buf_char(out, key[i] == '.' ? '_' : key[i]);
	if (kind == REPORT_KIB)
		buf_str(out, "_bytes");
	if (kind == REPORT_DATE)
		buf_str(out, "_timestamp_seconds");
}

static void put_line(
    struct buf *out, const char *before, const struct buf *name, const char *behind)
{
	buf_str(out, before);
	buf_put(out, name->p, name->n);
	buf_str(out, behind);
	buf_char(out, '\n');
}

static void put_head(
    struct buf *out, const struct buf *name, enum report_kind kind, const char *help)
{
	put_line(out, "# TYPE ", name, " gauge");
	if (kind == REPORT_KIB)
		put_line(out, "# UNIT ", name, " bytes");
	if (kind == REPORT_SECONDS || kind == REPORT_DATE)
		put_line(out, "# UNIT ", name, " seconds");
	buf_str(out, "# HELP ");
	buf_put(out, name->p, name->n);
	buf_printf(out, " %s.\n", help);
}

/* The texts, as labels of one metric. */
static void put_run(const struct report *r, struct buf *out)
{
	char before = '{';
	buf_str(out, "# TYPE mempipe_run info\n# HELP mempipe_run What was measured.\n"
		     "mempipe_run_info");
	for (const struct report_field *f = report_fields; f->key != NULL; f++) {
		struct report_value v = report_get(r, f);
		if ((f->kind != REPORT_TEXT && f->kind != REPORT_NAME) || !v.number.known)
			continue;
		buf_char(out, before);
		put_name(out, "", f->key, f->kind);
		buf_char(out, '=');
		put_label_value(out, v.text);
		before = ',';
	}
	buf_str(out, "} 1\n");
}

static void put_total(const struct report *r, struct buf *out)
{
	for (const struct report_field *f = report_fields; f->key != NULL; f++) {
		struct report_value v = report_get(r, f);
		struct buf name = {0};
		if (f->kind == REPORT_TEXT || f->kind == REPORT_NAME || f->help == NULL ||
		    !v.number.known)
			continue;
		put_name(&name, "mempipe_", f->key, f->kind);
		put_head(out, &name, f->kind, f->help);
		buf_put(out, name.p, name.n);
		buf_char(out, ' ');
		put_value(out, f->kind, v.number.value);
		buf_free(&name);
	}
}

static void put_groups(const struct report *r, struct buf *out)
{
	static const struct {
		const char *key;
		enum report_kind kind;
		size_t at;
		const char *help;
	} metrics[] = {
	    {"peak_rss_kib", REPORT_KIB, offsetof(struct report_row, rss_kib),
		"Most resident memory of the group"},
	    {"peak_rss_bound_kib", REPORT_KIB, offsetof(struct report_row, bound_kib),
		"No more resident memory was held by the group"},
	    {"at_peak_rss_kib", REPORT_KIB, offsetof(struct report_row, at_peak_kib),
		"Held by the group at the peak of the whole"},
	    {"peak_processes", REPORT_COUNT, offsetof(struct report_row, procs),
		"Processes that made up the peak of the group"},
	};
	const struct report_rows *groups = &r->rows[REPORT_GROUP];
	for (size_t m = 0; groups->n > 0 && m < sizeof metrics / sizeof *metrics; m++) {
		struct buf name = {0};
		put_name(&name, "mempipe_group_", metrics[m].key, metrics[m].kind);
		put_head(out, &name, metrics[m].kind, metrics[m].help);
		for (size_t i = 0; i < groups->n; i++) {
			const void *at = (const char *)&groups->v[i] + metrics[m].at;
			const struct report_number *n = at;
			if (!n->known)
				continue;
			buf_put(out, name.p, name.n);
			buf_str(out, "{group=");
			put_label_value(out, groups->v[i].name);
			buf_str(out, "} ");
			put_value(out, metrics[m].kind, n->value);
		}
		buf_free(&name);
	}
}

void report_openmetrics(const struct report *r, const struct report_style *style, struct buf *out)
{
	(void)style;
	put_run(r, out);
	put_total(r, out);
	put_groups(r, out);
	buf_str(out, "# EOF\n");
}
