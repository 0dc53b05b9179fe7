/* The page that the report for people is written on. */
#include "report/report_page.h"

#include <inttypes.h>
#include <string.h>

#define SIZE_WIDTH 12 /* of a column of sizes, at least */
#define GAP 3
#define PARTS_MISSING 64 /* parts are of the same moment if they lack at most this part */

/* Return KIB in the unit of the page, or `-` if it is unknown. Use TEXT as the memory for it. */
static const char *format(
    const struct report_page *p, char text[FORMAT_SIZE], struct report_number kib)
{
	return kib.known ? format_size_in(text, kib.value, p->style->unit) : "-";
}

struct report_page report_page_begin(
    const struct report *r, const struct report_style *style, struct buf *out)
{
	struct report_page p = {r, style, out, SIZE_WIDTH};
	const struct report_row *t = report_total(r);
	struct report_number largest[] = {t->rss_kib, t->bound_kib, t->vsz_kib,
	    t->metric[METRIC_FOOTPRINT].number, t->metric[METRIC_SWAP].number, t->pss_at_peak_kib,
	    r->cgroup_peak_kib, r->excluded_kib};
	for (size_t i = 0; i < sizeof largest / sizeof *largest; i++) {
		char text[FORMAT_SIZE];
		int width = (int)strlen(format(&p, text, largest[i]));
		if (width > p.size_width)
			p.size_width = width;
	}
	return p;
}

void report_page_size_column(struct report_page *p, struct report_number kib)
{
	char text[FORMAT_SIZE];
	buf_printf(p->out, "%*s", p->size_width, format(p, text, kib));
}

void report_page_size(struct report_page *p, struct report_number kib)
{
	char text[FORMAT_SIZE];
	buf_str(p->out, format(p, text, kib));
}

/* Append PART. *COLUMN is where the line ends now; FIRST: it is the first one. */
static void put_part(
    struct report_page *p, const struct report_page_part *part, size_t *column, bool first)
{
	char text[FORMAT_SIZE];
	const char *size = format(p, text, part->kib);
	int indent = REPORT_PAGE_LABEL + p->size_width + GAP;
	size_t width = strlen(part->name) + 1 + strlen(size);
	if (!first)
		buf_char(p->out, ',');
	if (!first && *column + 2 + width > REPORT_PAGE_WIDTH) {
		buf_printf(p->out, "\n%*s", indent, "");
		*column = (size_t)indent;
	} else if (!first) {
		buf_char(p->out, ' ');
		*column += 2;
	}
	buf_printf(p->out, "%s %s", part->name, size);
	*column += width;
}

void report_page_parts(struct report_page *p, struct report_number whole,
    const struct report_page_part *parts, size_t n)
{
	struct report_number sum = {0};
	size_t column = (size_t)(REPORT_PAGE_LABEL + p->size_width + GAP), start;
	bool first = true;
	for (size_t i = 0; i < n; i++) {
		sum.known |= parts[i].kib.known;
		sum.value += parts[i].kib.value;
	}
	if (!sum.known)
		return;
	buf_printf(p->out, "%*s", GAP, "");
	start = p->out->n;
	if (sum.value < whole.value - whole.value / PARTS_MISSING) {
		buf_str(p->out, "when it was ");
		report_page_size(p, sum);
		buf_str(p->out, sum.value > 0 ? ": " : "");
	}
	column += p->out->n - start;
	for (size_t i = 0; i < n; i++) {
		if (!parts[i].kib.known || parts[i].kib.value == 0)
			continue;
		put_part(p, &parts[i], &column, first);
		first = false;
	}
}

size_t report_page_cut(struct report_page *p, struct slice name, size_t width)
{
	return format_name(p->out, name.n > 0 ? name : slice_of("-"), width, p->style->utf8);
}

void report_page_name(struct report_page *p, struct slice name)
{
	(void)report_page_cut(p, name, REPORT_PAGE_NAME);
}

void report_page_name_column(struct report_page *p, struct slice name)
{
	size_t columns = report_page_cut(p, name, REPORT_PAGE_NAME);
	buf_printf(p->out, "%*s", (int)(REPORT_PAGE_NAME - columns), "");
}

void report_page_processes(struct report_page *p, struct report_number n)
{
	buf_printf(p->out, "%" PRId64 " process%s", n.value, n.value == 1 ? "" : "es");
}

void report_page_since(struct report_page *p, struct report_number us)
{
	format_duration(p->out, report_since(p->r, us).value);
}

void report_page_style(struct report_page *p, const char *style)
{
	if (p->style->colour)
		buf_str(p->out, style);
}
