/* SPDX-License-Identifier: MIT */
/* The metrics in the report for people. */
#include "report/report_text_metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"

/* The metrics that have lines of their own, or, as the start of a process, another place. */
#define SHOWN                                                                                      \
	(METRICS_BIT(METRIC_PSS) | METRICS_BIT(METRIC_USS) | METRICS_BIT(METRIC_FOOTPRINT) |       \
	    METRICS_BIT(METRIC_SWAP) | METRICS_BIT(METRIC_HUGETLB) | METRICS_BIT(METRIC_ANON) |    \
	    METRICS_BIT(METRIC_FILE) | METRICS_BIT(METRIC_SHMEM) | METRICS_BIT(METRIC_START))

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

/* The verbose report shows that there was none, if swap was read. */
void report_text_footprint(struct report_page *p)
{
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

/* Append the value of metric I of ROW. */
static void put_value(
    const struct report_page *p, struct buf *out, const struct report_row *row, unsigned i)
{
	const struct report_value *v = &row->metric[i];
	char text[FORMAT_SIZE];
	switch (metrics_table[i].kind) {
	case METRICS_KIB:
		buf_str(out, format_size_in(text, v->number.value, p->style->unit));
		break;
	case METRICS_MS:
		format_duration(out, v->number.value);
		break;
	case METRICS_TEXT:
		buf_put(out, v->text.p, v->text.n);
		break;
	default:
		buf_printf(out, "%" PRId64, v->number.value);
	}
}

/* Return whether ROW has metric I, one that is not shown elsewhere. */
static bool has_further(const struct report_row *row, unsigned i)
{
	return row->metric[i].number.known && !metrics_has(SHOWN, i);
}

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
	put_value(p, &value, row, i);
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
	put_value(p, &value, row, i);
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
		if (!has_further(t, i))
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
	const struct report_rows *processes = &p->r->rows[REPORT_PROCESS];
	bool alone = report_count(p->r, REPORT_PROCESS) == 1 && processes->n == 1;
	if (!p->style->verbose)
		put_numbers(p);
	for (unsigned i = 0; p->style->verbose && i < METRICS_FIRST_TEXT; i++)
		if (has_further(report_total(p->r), i))
			put_line(p, report_total(p->r), i);
	for (unsigned i = METRICS_FIRST_TEXT; alone && i < METRIC_LABEL; i++)
		if (has_further(&processes->v[0], i))
			put_line(p, &processes->v[0], i);
}

void report_text_process_metrics(struct report_page *p, const struct report_row *row)
{
	const char *separator = "    ";
	for (unsigned i = 0; i < METRIC_LABEL; i++) {
		if (!has_further(row, i))
			continue;
		buf_str(&p->line, separator);
		put_named(p, row, i);
		separator = ", ";
	}
	if (p->line.n > 0)
		report_page_end(p, 4);
}
