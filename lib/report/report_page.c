/* SPDX-License-Identifier: MIT */
/* The page that the report for people is written on. */
#include "report/report_page.h"

#include <inttypes.h>
#include <string.h>

#define WIDTH 80 /* of a page of unknown width */
#define WIDTH_MIN 40
#define WIDTH_MAX 200
#define SIZE_WIDTH 10 /* of a column of sizes, at least */
#define SIZE_WIDTH_NARROW 8
#define SIZE_WIDTH_VERBOSE 12 /* of the sum over time, as well */
#define GAP 2		      /* between a size column and a note */
#define INDENT 4	      /* of a continuation on a narrow page */
#define PARTS_MISSING 64      /* parts are of the same moment if they lack at most this part */

/* Return KIB in the unit of the page, or `-` if it is unknown. Use TEXT as the memory for it. */
static const char *format(
    const struct report_page *p, char text[FORMAT_SIZE], struct report_number kib)
{
	if (!kib.known)
		return "-";
	format_size_in(text, kib.value, p->style->unit);
	for (char *blank = text; (blank = strchr(blank, ' ')) != NULL;)
		*blank = REPORT_PAGE_BLANK;
	return text;
}

static size_t choose_width(const struct report_style *style)
{
	if (style->width == 0)
		return WIDTH;
	return style->width < WIDTH_MIN	  ? WIDTH_MIN
	       : style->width > WIDTH_MAX ? WIDTH_MAX
					  : style->width;
}

struct report_page report_page_begin(
    const struct report *r, const struct report_style *style, struct buf *out)
{
	struct report_page p = {.r = r, .style = style, .out = out, .width = choose_width(style)};
	const struct report_row *t = report_total(r);
	struct report_number largest[] = {t->rss_kib, t->vsz_kib,
	    t->metric[METRIC_FOOTPRINT].number, t->metric[METRIC_SWAP].number, t->pss_at_peak_kib,
	    r->cgroup_peak_kib, r->excluded_kib};
	bool narrow = p.width < REPORT_PAGE_NARROW;
	p.size_width = narrow		? SIZE_WIDTH_NARROW
		       : style->verbose ? SIZE_WIDTH_VERBOSE
					: SIZE_WIDTH;
	for (size_t i = 0; i < sizeof largest / sizeof *largest; i++) {
		char text[FORMAT_SIZE];
		int width = (int)strlen(format(&p, text, largest[i]));
		if (width > p.size_width)
			p.size_width = width;
	}
	p.detail = narrow ? INDENT : REPORT_PAGE_LABEL;
	p.note = narrow ? INDENT : REPORT_PAGE_LABEL + (size_t)p.size_width + GAP;
	return p;
}

void report_page_free(struct report_page *p)
{
	buf_free(&p->line);
}

/* ---- lines */

/* Return the columns of the N bytes at S, in which escape sequences of styles take none. */
static size_t columns_of(const char *s, size_t n)
{
	size_t columns = 0;
	for (size_t i = 0; i < n;) {
		size_t plain = i;
		while (plain < n && s[plain] != '\033')
			plain++;
		columns += format_columns((struct slice){s + i, plain - i});
		for (i = plain; i < n && s[i] != 'm'; i++)
			;
		i += i < n;
	}
	return columns;
}

/* Append N bytes of a line to the output. */
static void put_word(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_char(out, s[i] == REPORT_PAGE_BLANK ? ' ' : s[i]);
}

void report_page_end(struct report_page *p, size_t indent)
{
	size_t column = 0;
	for (size_t i = 0; i < p->line.n;) {
		size_t word = i, end;
		while (word < p->line.n && p->line.p[word] == ' ')
			word++;
		for (end = word; end < p->line.n && p->line.p[end] != ' '; end++)
			;
		size_t blanks = word - i, columns = columns_of(p->line.p + word, end - word);
		if (i > 0 && columns > 0 && column + blanks + columns > p->width) {
			buf_char(p->out, '\n');
			p->lines++;
			column = 0;
			blanks = indent;
		}
		if (end > word)
			buf_printf(p->out, "%*s", (int)blanks, "");
		put_word(p->out, p->line.p + word, end - word);
		column += blanks + columns;
		i = end;
	}
	buf_char(p->out, '\n');
	p->lines++;
	p->line.n = 0;
}

void report_page_end_row(struct report_page *p)
{
	while (p->line.n > 0 && p->line.p[p->line.n - 1] == ' ')
		p->line.n--;
	put_word(p->out, p->line.p, p->line.n);
	buf_char(p->out, '\n');
	p->lines++;
	p->line.n = 0;
}

/* ---- figures */

void report_page_size_column(struct report_page *p, struct report_number kib)
{
	char text[FORMAT_SIZE];
	buf_printf(&p->line, "%*s", p->size_width, format(p, text, kib));
}

void report_page_size(struct report_page *p, struct report_number kib)
{
	char text[FORMAT_SIZE];
	buf_str(&p->line, format(p, text, kib));
}

/* Append TEXT, which is not divided. */
static void put_whole(struct report_page *p, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		buf_char(&p->line, *c == ' ' ? REPORT_PAGE_BLANK : *c);
}

void report_page_label(struct report_page *p, const char *label)
{
	buf_str(&p->line, "  ");
	put_whole(p, label);
	buf_printf(&p->line, "%*s", (int)(REPORT_PAGE_LABEL - 2 - strlen(label)), "");
}

void report_page_figure(struct report_page *p, const char *label, struct report_number kib)
{
	report_page_label(p, label);
	report_page_size_column(p, kib);
}

void report_page_note(struct report_page *p)
{
	buf_printf(&p->line, "%*s", GAP, "");
}

void report_page_parts(struct report_page *p, struct report_number whole,
    const struct report_page_part *parts, size_t n)
{
	struct report_number sum = {0};
	const char *separator = "";
	for (size_t i = 0; i < n; i++) {
		sum.known |= parts[i].kib.known;
		sum.value += parts[i].kib.value;
	}
	if (!sum.known)
		return;
	if (sum.value < whole.value - whole.value / PARTS_MISSING) {
		buf_str(&p->line, "when it was ");
		report_page_size(p, sum);
		separator = ": ";
	}
	for (size_t i = 0; i < n; i++) {
		if (!parts[i].kib.known || parts[i].kib.value == 0)
			continue;
		buf_str(&p->line, separator);
		put_whole(p, parts[i].name);
		buf_char(&p->line, REPORT_PAGE_BLANK);
		report_page_size(p, parts[i].kib);
		separator = ", ";
	}
}

/* ---- within a line */

void report_page_cut(struct report_page *p, struct slice name, size_t width)
{
	(void)format_name(&p->line, name.n > 0 ? name : slice_of("-"), width, p->style->utf8);
}

void report_page_name(struct report_page *p, struct slice name)
{
	report_page_cut(p, name, REPORT_PAGE_NAME);
}

void report_page_processes(struct report_page *p, struct report_number n)
{
	buf_printf(&p->line, "%" PRId64 "%cprocess%s", n.value, REPORT_PAGE_BLANK,
	    n.value == 1 ? "" : "es");
}

void report_page_duration(struct report_page *p, int64_t us)
{
	size_t start = p->line.n;
	format_duration(&p->line, us);
	for (size_t i = start; i < p->line.n; i++)
		if (p->line.p[i] == ' ')
			p->line.p[i] = REPORT_PAGE_BLANK;
}

void report_page_since(struct report_page *p, struct report_number us)
{
	report_page_duration(p, report_since(p->r, us).value);
}

void report_page_style(struct report_page *p, const char *style)
{
	if (p->style->colour)
		buf_str(&p->line, style);
}
