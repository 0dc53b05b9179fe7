/* The RSS over time, as a chart of characters. */
#include <string.h>

#include "base/format.h"
#include "report/report.h"

#define WIDTH 64
#define HEIGHT 6
#define LABEL_WIDTH 10 /* of the size to the left of a line, at least */

/* Set the KiB of each COLUMN to the largest RSS in its time. A column without a tick has the
 * value of the one before it. */
static void fill_columns(const struct report *r, int64_t *column)
{
	const struct report_rows *spans = &r->rows[REPORT_SPAN];
	int64_t start = report_start_us(r), length = report_length_us(r);
	int64_t last = 0;
	for (int i = 0; i < WIDTH; i++)
		column[i] = -1;
	for (size_t i = 0; i < spans->n && length > 0; i++) {
		const struct report_row *s = &spans->v[i];
		int64_t at = (s->time_us.value - start) * WIDTH / length;
		at = at < 0 ? 0 : at >= WIDTH ? WIDTH - 1 : at;
		if (s->rss_kib.value > column[at])
			column[at] = s->rss_kib.value;
	}
	for (int i = 0; i < WIDTH; i++)
		last = column[i] = column[i] < 0 ? last : column[i];
}

/* Append one character that is filled by EIGHTHS from below. */
static void put_cell(const struct report_style *style, struct buf *out, int64_t eighths)
{
	static const char *const blocks[] = {" ", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
	    "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};
	eighths = eighths < 0 ? 0 : eighths > 8 ? 8 : eighths;
	if (style->utf8)
		buf_str(out, blocks[eighths]);
	else
		buf_char(out, eighths >= 4 ? '#' : eighths > 0 ? '.' : ' ');
}

/* Append what is to the left of LINE, 0 being the lowest and -1 the axis below it: a size for the
 * highest and the lowest line. TOP is the size of the highest. */
static void put_label(const struct report_style *style, struct buf *out, int line, int64_t top)
{
	char highest[FORMAT_SIZE], zero[FORMAT_SIZE];
	format_size_in(highest, top, style->unit);
	format_size_in(zero, 0, style->unit);
	int width = (int)strlen(highest);
	if (width < LABEL_WIDTH)
		width = LABEL_WIDTH;
	buf_printf(out, "  %*s", width, line == HEIGHT - 1 ? highest : line == 0 ? zero : "");
	if (line >= 0)
		buf_str(out, style->utf8 ? " \xe2\x94\x82" : " |");
}

static void put_axis(
    const struct report *r, const struct report_style *style, struct buf *out, int64_t top)
{
	struct buf end = {0};
	format_duration(&end, report_length_us(r));
	put_label(style, out, -1, top);
	buf_printf(out, "  0 s%*.*s\n", WIDTH - 3, (int)end.n, end.p);
	buf_free(&end);
}

void report_chart(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_row *t = report_total(r);
	int64_t column[WIDTH];
	int64_t top = t->rss_kib.value > 0 ? t->rss_kib.value : 1;
	if (!style->chart || r->rows[REPORT_SPAN].n == 0)
		return;
	fill_columns(r, column);
	buf_char(out, '\n');
	for (int line = HEIGHT - 1; line >= 0; line--) {
		put_label(style, out, line, top);
		for (int i = 0; i < WIDTH; i++) {
			int64_t eighths = (column[i] * HEIGHT * 8 + top / 2) / top;
			put_cell(style, out, eighths - (int64_t)line * 8);
		}
		while (out->p[out->n - 1] == ' ')
			out->n--;
		buf_char(out, '\n');
	}
	put_axis(r, style, out, top);
}
