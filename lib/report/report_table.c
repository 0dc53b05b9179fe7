/* SPDX-License-Identifier: MIT */
/* The tables of groups and of processes in the report for people. */
#include "report/report_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/elide.h"
#include "report/report_text_metrics.h"

#define COUNT_WIDTH 7 /* of a number of processes, or a process ID */
#define NAME_LEAST 8  /* columns of a name without which a column is left out */
#define NAME_USUAL 22 /* columns of a name on a page that is not narrow */
#define SEEN_SIZE 64

struct table {
	struct report_page *p;
	const struct report_row *v;
	size_t n; /* rows that are shown */
	bool processes;
	bool at_peak, seen; /* whether the page has room for these columns */
	struct elide names;
};

/* ---- columns */

/* Write when ROW was seen: seconds from the start of the run. A time that rounds to 0 is 0. */
static void format_seen(const struct report *r, char text[SEEN_SIZE], const struct report_row *row)
{
	double first = (double)report_since(r, row->first_us).value / 1e6;
	double last = (double)report_since(r, row->last_us).value / 1e6;
	if (!row->first_us.known || !row->last_us.known)
		snprintf(text, SEEN_SIZE, "-");
	else
		snprintf(text, SEEN_SIZE, "%.1f-%.1f s", first > -0.05 && first < 0 ? 0 : first,
		    last > -0.05 && last < 0 ? 0 : last);
}

static struct slice name_of(const struct report_row *row)
{
	return row->name.n > 0 ? row->name : slice_of("-");
}

/* Return the columns of the longest name. */
static size_t longest_name(const struct table *t)
{
	struct elide whole = {.width = SIZE_MAX};
	struct buf text = {0};
	size_t longest = 0;
	for (size_t i = 0; i < t->n; i++) {
		size_t columns = elide_put(&whole, &text, name_of(&t->v[i]));
		longest = columns > longest ? columns : longest;
		text.n = 0;
	}
	buf_free(&text);
	return longest;
}

/* Return the columns of the longest time, with the blanks before it. */
static size_t seen_width(const struct table *t)
{
	size_t longest = strlen("  SEEN");
	for (size_t i = 0; t->processes && i < t->n; i++) {
		char text[SEEN_SIZE];
		format_seen(t->p->r, text, &t->v[i]);
		longest = strlen(text) + 2 > longest ? strlen(text) + 2 : longest;
	}
	return longest;
}

static void choose_names(struct table *t, size_t width)
{
	struct slice *names = alloc_resize(NULL, t->n, sizeof *names);
	for (size_t i = 0; i < t->n; i++)
		names[i] = name_of(&t->v[i]);
	t->names = elide_choose(names, t->n, width, t->p->style->utf8);
	free(names);
}

/* Divide the width of the page: names get what other columns leave, but no more than they need. */
static void choose_columns(struct table *t, const char *title)
{
	const struct report_page *p = t->p;
	size_t size = 1 + (size_t)p->size_width, others = 2 + 1 + COUNT_WIDTH + size;
	size_t need = longest_name(t), least = NAME_LEAST;
	if (need < strlen(title))
		need = strlen(title);
	t->at_peak = others + size + least <= p->width;
	others += t->at_peak ? size : 0;
	t->seen = t->processes && others + seen_width(t) + (need < 16 ? need : 16) <= p->width;
	others += t->seen ? seen_width(t) : 0;
	if (p->width >= REPORT_PAGE_NARROW)
		least = NAME_USUAL;
	if (need < least)
		need = least;
	size_t room = others + NAME_LEAST < p->width ? p->width - others : NAME_LEAST;
	choose_names(t, need < room ? need : room);
}

/* ---- lines */

/* Append COLUMNS blanks, as far as a name of TAKEN columns leaves them. */
static void put_name_end(struct table *t, size_t taken)
{
	size_t blanks = taken < t->names.width ? t->names.width - taken : 0;
	buf_printf(&t->p->line, "%*s", (int)blanks, "");
}

/* A title that is too long is the key of the groups alone. */
static void put_head(struct table *t, const char *title)
{
	struct report_page *p = t->p;
	if (!t->processes && strlen(title) > t->names.width && p->r->group_by.n > 0)
		title += strlen("GROUP BY ");
	report_page_end_row(p);
	report_page_style(p, REPORT_PAGE_FAINT);
	buf_str(&p->line, "  ");
	put_name_end(t, format_name(&p->line, slice_of(title), t->names.width, p->style->utf8));
	buf_printf(&p->line, " %*s %*s", COUNT_WIDTH, t->processes ? "PID" : "PROCS", p->size_width,
	    "PEAK");
	if (t->at_peak)
		buf_printf(&p->line, " %*s", p->size_width, "AT PEAK");
	if (t->seen)
		buf_str(&p->line, "  SEEN");
	report_page_style(p, REPORT_PAGE_PLAIN);
	report_page_end_row(p);
}

static void put_row(struct table *t, const struct report_row *row)
{
	struct report_page *p = t->p;
	struct report_number count = t->processes ? row->pid : row->procs;
	char seen[SEEN_SIZE];
	buf_str(&p->line, "  ");
	put_name_end(t, elide_put(&t->names, &p->line, name_of(row)));
	if (count.known)
		buf_printf(&p->line, " %*" PRId64 " ", COUNT_WIDTH, count.value);
	else
		buf_printf(&p->line, " %*s ", COUNT_WIDTH, "-");
	report_page_size_column(p, row->rss_kib);
	if (t->at_peak) {
		buf_char(&p->line, ' ');
		report_page_size_column(p, row->at_peak_kib);
	}
	if (t->seen) {
		format_seen(p->r, seen, row);
		buf_printf(&p->line, "  %s", seen);
	}
	report_page_end_row(p);
	if (t->processes && p->style->verbose)
		report_text_process_metrics(p, row);
}

/* ---- tables */

enum report_scope report_table_choose(const struct report *r)
{
	if (report_count(r, REPORT_PROCESS) <= 1)
		return REPORT_SCOPES;
	return r->rows[REPORT_GROUP].n > 1 || r->group_by.n > 0 ? REPORT_GROUP : REPORT_PROCESS;
}

static size_t shown_rows(const struct report *r, enum report_scope scope, size_t rows)
{
	return r->rows[scope].n < rows ? r->rows[scope].n : rows;
}

size_t report_table_lines(const struct report *r, enum report_scope scope, size_t rows)
{
	size_t shown = shown_rows(r, scope, rows);
	return rows == 0 ? 0 : 2 + shown + (report_count(r, scope) > shown);
}

void report_table(struct report_page *p, enum report_scope scope, size_t rows)
{
	const struct report *r = p->r;
	struct table t = {.p = p, .v = r->rows[scope].v, .processes = scope == REPORT_PROCESS};
	struct buf title = {0};
	if (rows == 0 || r->rows[scope].n == 0)
		return;
	t.n = shown_rows(r, scope, rows);
	buf_str(&title, t.processes ? "PROCESS" : "GROUP");
	if (!t.processes && r->group_by.n > 0)
		buf_printf(&title, " BY %.*s", (int)r->group_by.n, r->group_by.p);
	buf_char(&title, '\0');
	choose_columns(&t, title.p);
	put_head(&t, title.p);
	for (size_t i = 0; i < t.n; i++)
		put_row(&t, &t.v[i]);
	if (report_count(r, scope) > t.n) {
		buf_printf(&p->line, "  and %zu more", report_count(r, scope) - t.n);
		report_page_end_row(p);
	}
	buf_free(&title);
}
