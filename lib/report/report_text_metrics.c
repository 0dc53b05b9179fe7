/* SPDX-License-Identifier: MIT */
/* The metrics in the report for people. */
#include "report/report_text_metrics.h"

#include <stdio.h>
#include <string.h>

#include "report/report_metrics.h"

static struct report_number metric(const struct report_page *p, unsigned i)
{
	return report_total(p->r)->metric[i].number;
}

void report_text_parts(struct report_page *p)
{
	const struct report_page_part parts[] = {
	    {"anonymous", metric(p, METRIC_ANON)},
	    {"files", metric(p, METRIC_FILE)},
	    {"shared memory", metric(p, METRIC_SHMEM)},
	};
	const size_t n = sizeof parts / sizeof *parts;
	for (size_t i = 0; i < n; i++)
		if (!parts[i].kib.known)
			return;
	buf_printf(&p->line, "%*s", (int)p->detail, "");
	report_page_parts(p, report_total(p->r)->rss_kib, parts, n);
	report_page_end(p, p->detail);
}

static void put_charged(struct report_page *p)
{
	report_page_figure(p, "footprint", metric(p, METRIC_PHYS_FOOTPRINT));
	report_page_note(p);
	buf_str(&p->line, "charged by macOS");
	report_page_end(p, p->note);
}

/* The verbose report shows that there was none, if swap was read. */
void report_text_footprint(struct report_page *p)
{
	if (metric(p, METRIC_PHYS_FOOTPRINT).known) {
		put_charged(p);
		return;
	}
	struct report_number footprint = metric(p, METRIC_FOOTPRINT);
	struct report_number swap = metric(p, METRIC_SWAP), hugetlb = metric(p, METRIC_HUGETLB);
	bool none = swap.value == 0 && hugetlb.value == 0;
	if (none && (!p->style->verbose || !footprint.known || !swap.known))
		return;
	report_page_figure(
	    p, footprint.known ? "footprint" : "peak swap", footprint.known ? footprint : swap);
	report_page_note(p);
	if (none)
		buf_str(&p->line, "no swap and no hugetlb pages");
	else if (footprint.known)
		buf_str(&p->line, "with up to ");
	if (footprint.known && swap.value > 0) {
		report_page_size(p, swap);
		buf_str(&p->line, hugetlb.value > 0 ? " in swap, " : " in swap");
	}
	if (footprint.known && hugetlb.value > 0) {
		report_page_size(p, hugetlb);
		buf_str(&p->line, " in hugetlb pages");
	}
	report_page_end(p, p->note);
}

/* ---- columns that were asked for */

/* Return the length of the name of metric I without its unit. */
static int name_length(unsigned i)
{
	return (int)strcspn(metrics_table[i].column, "_");
}

/* Append the value of metric I of ROW after its name. Within the value, a line is not divided,
 * unless it is a text. */
static void put_named(struct report_page *p, const struct report_row *row, unsigned i)
{
	struct buf value = {0};
	report_metrics_put(&value, p->style, row, i);
	buf_printf(&p->line, "%.*s%c", name_length(i), metrics_table[i].column, REPORT_PAGE_BLANK);
	if (metrics_table[i].kind == METRICS_TEXT) {
		report_page_cut(p, (struct slice){value.p, value.n}, p->width - REPORT_PAGE_LABEL);
	} else {
		for (size_t j = 0; j < value.n; j++)
			buf_char(&p->line, value.p[j] == ' ' ? REPORT_PAGE_BLANK : value.p[j]);
	}
	buf_free(&value);
}

/* Append a line with metric I of ROW. */
static void put_line(struct report_page *p, const struct report_row *row, unsigned i)
{
	struct buf value = {0};
	char name[16];
	report_metrics_put(&value, p->style, row, i);
	snprintf(name, sizeof name, "%.*s", name_length(i), metrics_table[i].column);
	report_page_label(p, name);
	if (metrics_table[i].kind == METRICS_TEXT) {
		report_page_cut(p, (struct slice){value.p, value.n}, p->width - REPORT_PAGE_LABEL);
		report_page_end_row(p);
	} else {
		buf_printf(&p->line, "%*.*s", p->size_width, (int)value.n, value.p);
		report_page_note(p);
		buf_str(&p->line, metrics_table[i].help);
		report_page_end(p, p->note);
	}
	buf_free(&value);
}

/* Append all further numbers of the total in one line. */
static void put_numbers(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	const char *separator = "  ";
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++) {
		if (!report_metrics_has(t, i))
			continue;
		buf_str(&p->line, separator);
		put_named(p, t, i);
		separator = ", ";
	}
	if (p->line.n > 0)
		report_page_end(p, 4);
}

void report_text_metrics(struct report_page *p)
{
	const struct report_row *alone = report_metrics_alone(p->r);
	if (!p->style->verbose)
		put_numbers(p);
	for (unsigned i = 0; p->style->verbose && i < METRICS_FIRST_TEXT; i++)
		if (report_metrics_has(report_total(p->r), i))
			put_line(p, report_total(p->r), i);
	for (unsigned i = METRICS_FIRST_TEXT; alone != NULL && i < METRIC_LABEL; i++)
		if (report_metrics_has(alone, i))
			put_line(p, alone, i);
}

void report_text_process_metrics(struct report_page *p, const struct report_row *row)
{
	const char *separator = "    ";
	for (unsigned i = 0; i < METRIC_LABEL; i++) {
		if (!report_metrics_has(row, i))
			continue;
		buf_str(&p->line, separator);
		put_named(p, row, i);
		separator = ", ";
	}
	if (p->line.n > 0)
		report_page_end(p, 4);
}
