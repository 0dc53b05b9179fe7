/* SPDX-License-Identifier: MIT */
/* The report as GitHub Markdown: a table, a chart and a table, for a job summary or a comment. */
#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "base/utf8.h"
#include "report/report.h"
#include "report/report_markdown.h"
#include "report/report_metrics.h"

#define ROWS_MAX 10
#define POINTS 100 /* of the chart */

void report_markdown_code(struct buf *out, struct slice text)
{
	struct buf visible = {0};
	utf8_visible(&visible, text.n > 0 ? text.p : "-", text.n > 0 ? text.n : 1);
	buf_str(out, "<code>");
	for (size_t i = 0; i < visible.n; i++) {
		char c = visible.p[i];
		char previous = i > 0 ? visible.p[i - 1] : '\0';
		bool www = c == '.' && (previous == 'w' || previous == 'W');
		if (c == '<' || c == '>') {
			buf_str(out, c == '<' ? "&lt;" : "&gt;");
		} else if (c == '&') {
			buf_str(out, "&amp;");
		} else {
			if (www || (c != '\0' && strchr("|`*_[]\\~:!()#@$", c) != NULL))
				buf_char(out, '\\');
			buf_char(out, c);
		}
	}
	buf_str(out, "</code>");
	buf_free(&visible);
}

static void put_size(
    struct buf *out, const struct report_style *style, const char *prefix, struct report_number kib)
{
	char text[FORMAT_SIZE];
	buf_str(out, prefix);
	buf_str(out, kib.known ? format_size_in(text, kib.value, style->unit) : "-");
}

static void put_size_line(
    struct buf *out, const struct report_style *style, const char *prefix, struct report_number kib)
{
	if (!kib.known)
		return;
	put_size(out, style, prefix, kib);
	buf_str(out, " |\n");
}

static void put_end(const struct report *r, struct buf *out)
{
	buf_str(out, "| ended | ");
	if (r->exit_code.known)
		buf_printf(out, "exit status %" PRId64 ", ", r->exit_code.value);
	else if (r->signal.known)
		buf_printf(out, "**killed by signal %" PRId64 "**, ", r->signal.value);
	else if (report_is_stopped(r))
		buf_str(out, "still running ");
	else if (r->command.n > 0)
		buf_str(out, "**incomplete: the end of the command was not recorded**, ");
	buf_str(out, "after ");
	format_duration(out, report_length_us(r));
	buf_str(out, " |\n");
}

static void put_exceeded(const struct report *r, const struct report_style *style, struct buf *out)
{
	for (size_t i = 0; i < r->exceeded_n && i < ROWS_MAX; i++) {
		const struct report_exceeded *e = &r->exceeded[i];
		bool total = slice_is(e->scope, "total");
		struct report_number limit = total ? r->limit_total_kib : r->limit_process_kib;
		struct report_style distinct = *style;
		distinct.unit = format_distinct_unit(e->kib.value, limit.value, style->unit);
		buf_str(out, "| **limit exceeded** | ");
		if (total)
			buf_str(out, report_total_name(r));
		else
			report_markdown_code(out, e->name);
		put_size(out, &distinct, " ", e->kib);
		put_size(out, &distinct, " of ", limit);
		buf_str(out, " |\n");
	}
	if (r->oom_kills.known && r->oom_kills.value > 0)
		buf_printf(out, "| **out of memory** | the kernel killed %" PRId64 " |\n",
		    r->oom_kills.value);
}

/* Append PSS, and of what share of the peak of the RSS it is. */
static void put_pss(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_row *t = report_total(r);
	struct report_number at = r->pss_at_rss_kib;
	if (!t->pss_at_peak_kib.known)
		return;
	put_size(out, style, "| PSS | ", t->pss_at_peak_kib);
	if (at.known && t->rss_kib.value > 0)
		buf_printf(out, ", read at %" PRId64 " %% of the peak RSS",
		    at.value * 100 / t->rss_kib.value);
	if (r->pss_bound_kib.known)
		put_size(out, style, ", at most ", r->pss_bound_kib);
	buf_str(out, " |\n");
}

/* Append a line with metric I of ROW. */
static void put_metric(
    struct buf *out, const struct report_style *style, const struct report_row *row, unsigned i)
{
	struct buf value = {0};
	report_metrics_put(&value, style, row, i);
	buf_printf(out, "| %s | ", metrics_table[i].help);
	if (metrics_table[i].kind == METRICS_TEXT)
		report_markdown_code(out, (struct slice){value.p, value.n});
	else
		buf_put(out, value.p, value.n);
	buf_str(out, " |\n");
	buf_free(&value);
}

/* Append the columns that were asked for. The run has no text, unless it was one process. */
static void put_metrics(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_row *alone = report_metrics_alone(r);
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (report_metrics_has(report_total(r), i))
			put_metric(out, style, report_total(r), i);
	for (unsigned i = METRICS_FIRST_TEXT; alone != NULL && i < METRIC_LABEL; i++)
		if (report_metrics_has(alone, i))
			put_metric(out, style, alone, i);
}

static void put_summary(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_row *t = report_total(r);
	buf_str(out, "| command | ");
	report_markdown_code(out, r->command.n > 0 ? r->command : t->name);
	buf_str(out, " |\n| --- | --- |\n");
	put_end(r, out);
	put_exceeded(r, style, out);
	put_size(out, style, "| peak RSS | **", t->rss_kib);
	buf_str(out, "**");
	if (t->time_us.known) {
		buf_str(out, " after ");
		format_duration(out, report_since(r, t->time_us).value);
	}
	if (t->procs.known)
		buf_printf(out, ", in %" PRId64 " process%s", t->procs.value,
		    t->procs.value == 1 ? "" : "es");
	buf_str(out, " |\n");
	if (report_is_shared(r)) {
		put_size(out, style, "| shared | about ", r->shared_kib);
		buf_str(out, " of it |\n");
	}
	put_size_line(out, style, "| at most | ", t->bound_kib);
	put_size_line(out, style, "| peak VSZ | ", t->vsz_kib);
	if (t->metric[METRIC_SWAP].number.value > 0 ||
	    t->metric[METRIC_HUGETLB].number.value > 0 || t->metric[METRIC_PHYS_FOOTPRINT].number.known)
		put_size_line(out, style, "| footprint | ", t->metric[METRIC_FOOTPRINT].number);
	put_pss(r, style, out);
	put_size_line(out, style, "| cgroup | ", r->cgroup_peak_kib);
	put_size_line(out, style, "| excluded | ", r->excluded_kib);
	put_metrics(r, style, out);
}

/* Append the largest rows of SCOPE as a table. */
static void put_rows(const struct report *r, enum report_scope scope,
    const struct report_style *style, struct buf *out)
{
	const struct report_rows *rows = &r->rows[scope];
	bool groups = scope == REPORT_GROUP;
	buf_printf(out,
	    "\n| %s | %s | peak | at the peak |\n"
	    "| --- | ---: | ---: | ---: |\n",
	    groups ? "group" : "process", groups ? "processes" : "PID");
	for (size_t i = 0; i < rows->n && i < ROWS_MAX; i++) {
		const struct report_row *row = &rows->v[i];
		buf_str(out, "| ");
		report_markdown_code(out, row->name);
		buf_printf(out, " | %" PRId64, groups ? row->procs.value : row->pid.value);
		put_size(out, style, " | ", row->rss_kib);
		put_size(out, style, " | ", row->at_peak_kib);
		buf_str(out, " |\n");
	}
	size_t n = report_count(r, scope), shown = rows->n < ROWS_MAX ? rows->n : ROWS_MAX;
	if (n > shown)
		buf_printf(out, "\nand %zu more\n", n - shown);
}

/* Append the RSS over time as a chart that GitHub draws, in MiB. The text has no name of a
 * process. */
static void put_chart(const struct report *r, struct buf *out)
{
	int64_t point[POINTS];
	if (r->rows[REPORT_SPAN].n < 2 || !report_over_time(r, point, POINTS))
		return;
	buf_printf(out,
	    "\n```mermaid\nxychart-beta\n    x-axis \"seconds\" 0 --> %.3f\n"
	    "    y-axis \"RSS, MiB\" 0 --> %.1f\n    line [",
	    (double)report_measured_us(r) / 1e6, (double)report_total(r)->rss_kib.value / 1024);
	for (int i = 0; i < POINTS; i++)
		buf_printf(out, "%s%.1f", i > 0 ? ", " : "", (double)point[i] / 1024);
	buf_str(out, "]\n```\n");
}

void report_markdown(const struct report *r, const struct report_style *style, struct buf *out)
{
	put_summary(r, style, out);
	put_chart(r, out);
	if (report_count(r, REPORT_PROCESS) > 1)
		put_rows(
		    r, r->rows[REPORT_GROUP].n > 1 ? REPORT_GROUP : REPORT_PROCESS, style, out);
}
