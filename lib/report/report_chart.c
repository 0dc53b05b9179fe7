/* SPDX-License-Identifier: MIT */
/* The RSS over time, as a chart of characters. */
#include "report/report_chart.h"

#include <string.h>

#include "base/format.h"
#include "base/minmax.h"

#define COLUMNS_MAX 200
#define LABEL_WIDTH 10 /* of the size to the left of a line, at least */
#define LABEL_NARROW 7
#define SPANS_LEAST 8 /* a run of fewer has no shape */
#define START_PART 16 /* this part of the time is the start, in which memory grows in each run */
#define FLAT_PART 8   /* a run is flat if it changed by less than this part of the peak, */
#define START_RISE_PART 4 /* and if its start was higher by no more than this */

struct chart {
	struct report_page *p;
	int width, height, label;
	int64_t top_kib, length_us;
	int64_t column[COLUMNS_MAX];
};

/* Return a chart of HEIGHT lines, filled. */
static struct chart begin(struct report_page *p, int height)
{
	struct chart c = {.p = p, .height = height, .length_us = report_measured_us(p->r)};
	char highest[FORMAT_SIZE];
	c.top_kib = max_i64(report_total(p->r)->rss_kib.value, 1);
	c.label = (int)strlen(format_size_in(highest, c.top_kib, p->style->unit));
	int least = p->width < REPORT_PAGE_NARROW ? LABEL_NARROW : LABEL_WIDTH;
	c.label = c.label > least ? c.label : least;
	c.width = (int)p->width - (2 + c.label + 2) - 1;
	c.width = c.width < COLUMNS_MAX ? c.width : COLUMNS_MAX;
	(void)report_over_time(p->r, c.column, c.width);
	return c;
}

bool report_chart_wanted(const struct report_page *p)
{
	struct report_page page = *p;
	size_t spans = p->r->rows[REPORT_SPAN].n;
	if (p->style->chart_always || !p->style->chart || spans < SPANS_LEAST)
		return p->style->chart_always && spans > 0;
	struct chart c = begin(&page, 1);
	int64_t least = c.top_kib, most = 0;
	for (int i = c.width / START_PART; i < c.width; i++) {
		least = min_i64(least, c.column[i]);
		most = max_i64(most, c.column[i]);
	}
	/* A start that is a little higher than the rest is no shape either. */
	if (most - least < c.top_kib / FLAT_PART)
		return least < c.top_kib - c.top_kib / START_RISE_PART;
	return true;
}

/* ---- drawing */

/* Append one character that is filled by EIGHTHS from below. */
static void put_cell(struct chart *c, int64_t eighths)
{
	static const char *const blocks[] = {" ", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
	    "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};
	struct buf *out = &c->p->line;
	eighths = eighths < 0 ? 0 : eighths > 8 ? 8 : eighths;
	if (c->p->style->utf8)
		buf_str(out, blocks[eighths]);
	else
		buf_char(out, eighths >= 4 ? '#' : eighths > 0 ? '.' : ' ');
}

/* Append what is to the left of LINE, 0 being the lowest: a size for the highest and the lowest. */
static void put_label(struct chart *c, int line)
{
	char size[FORMAT_SIZE] = "";
	if (line == 0 || line == c->height - 1)
		format_size_in(size, line == 0 ? 0 : c->top_kib, c->p->style->unit);
	buf_printf(
	    &c->p->line, "  %*s %s", c->label, size, c->p->style->utf8 ? "\xe2\x94\x82" : "|");
}

static void put_axis(struct chart *c)
{
	struct buf end = {0};
	format_duration(&end, c->length_us);
	buf_printf(&c->p->line, "  %*s  0 s%*.*s", c->label, "", c->width - 3, (int)end.n, end.p);
	report_page_end_row(c->p);
	buf_free(&end);
}

void report_chart(struct report_page *p, int height)
{
	struct chart c = begin(p, height);
	report_page_end_row(p);
	for (int line = height - 1; line >= 0; line--) {
		put_label(&c, line);
		for (int i = 0; i < c.width; i++) {
			int64_t eighths = (c.column[i] * height * 8 + c.top_kib / 2) / c.top_kib;
			put_cell(&c, eighths - (int64_t)line * 8);
		}
		report_page_end_row(p);
	}
	put_axis(&c);
}
