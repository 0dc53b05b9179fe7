/* The metrics in the report for people. */
#include "report/report_text_metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"

#define TEXT_WIDTH 68	 /* of a text after its name */
#define PROCESS_WIDTH 76 /* of the metrics of a process */

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
	buf_printf(p->out, "%*s", REPORT_PAGE_LABEL + p->size_width, "");
	report_page_parts(p, report_total(p->r)->rss_kib, parts, n);
	buf_char(p->out, '\n');
}

void report_text_footprint(struct report_page *p)
{
	struct report_number footprint = metric(p, METRIC_FOOTPRINT);
	struct report_number swap = metric(p, METRIC_SWAP), hugetlb = metric(p, METRIC_HUGETLB);
	const char *separator = "   with up to ";
	if (swap.value == 0 && hugetlb.value == 0)
		return;
	buf_str(p->out, footprint.known ? "  footprint " : "  peak swap ");
	report_page_size_column(p, footprint.known ? footprint : swap);
	if (footprint.known && swap.value > 0) {
		buf_str(p->out, separator);
		report_page_size(p, swap);
		buf_str(p->out, " in swap");
		separator = ", ";
	}
	if (footprint.known && hugetlb.value > 0) {
		buf_str(p->out, separator);
		report_page_size(p, hugetlb);
		buf_str(p->out, " in hugetlb pages");
	}
	buf_char(p->out, '\n');
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

/* Append a line with metric I of ROW. */
static void put_line(struct report_page *p, const struct report_row *row, unsigned i)
{
	struct buf value = {0};
	put_value(p, &value, row, i);
	buf_printf(p->out, "  %-*.*s", REPORT_PAGE_LABEL - 2, name_length(i), metrics_table[i].column);
	if (metrics_table[i].kind == METRICS_TEXT)
		(void)report_page_cut(p, (struct slice){value.p, value.n}, TEXT_WIDTH);
	else
		buf_printf(p->out, "%*.*s   %s", p->size_width, (int)value.n, value.p,
		    metrics_table[i].help);
	buf_char(p->out, '\n');
	buf_free(&value);
}

void report_text_metrics(struct report_page *p)
{
	const struct report_rows *processes = &p->r->rows[REPORT_PROCESS];
	bool alone = report_count(p->r, REPORT_PROCESS) == 1 && processes->n == 1;
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (has_further(report_total(p->r), i))
			put_line(p, report_total(p->r), i);
	for (unsigned i = METRICS_FIRST_TEXT; alone && i < METRIC_LABEL; i++)
		if (has_further(&processes->v[0], i))
			put_line(p, &processes->v[0], i);
}

void report_text_process_metrics(struct report_page *p, const struct report_row *row)
{
	struct buf line = {0};
	for (unsigned i = 0; i < METRIC_LABEL; i++) {
		if (!has_further(row, i))
			continue;
		buf_printf(&line, "%s%.*s ", line.n > 0 ? ", " : "", name_length(i),
		    metrics_table[i].column);
		put_value(p, &line, row, i);
	}
	if (line.n > 0) {
		buf_str(p->out, "    ");
		(void)report_page_cut(p, (struct slice){line.p, line.n}, PROCESS_WIDTH);
		buf_char(p->out, '\n');
	}
	buf_free(&line);
}
