/* SPDX-License-Identifier: MIT */
/*
 * The page that the report for people is written on: what report_text*.c, report_table.c and
 * report_chart.c share.
 *
 * Text is appended to `line`. report_page_end() ends the line: one that is wider than the page
 * continues below, and is divided at blanks. REPORT_PAGE_BLANK is a blank at which it is not
 * divided.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/format.h"
#include "base/slice.h"
#include "report/report.h"

#define REPORT_PAGE_NARROW 64 /* columns; a narrower page has less space between figures */
#define REPORT_PAGE_NAME 22   /* columns of a name within a line */
#define REPORT_PAGE_LABEL 12  /* columns of what a line is about */

#define REPORT_PAGE_BLANK '\001' /* names have no control characters once they are visible */

#define REPORT_PAGE_BOLD "\033[1m"
#define REPORT_PAGE_FAINT "\033[2m"
#define REPORT_PAGE_ALARM "\033[1;31m"
#define REPORT_PAGE_PLAIN "\033[0m"

struct report_page {
	const struct report *r;
	const struct report_style *style;
	struct buf *out;
	struct buf line; /* not yet in OUT */
	size_t width;	 /* columns of the page */
	size_t note;	 /* the column of what follows a size column, and of its continuation */
	size_t detail;	 /* the column of what is below a figure */
	size_t lines;	 /* written so far */
	int size_width;	 /* of a column of sizes */
};

/* Return a page for R, which has a total. Its columns are as wide as the largest size. */
struct report_page report_page_begin(
    const struct report *r, const struct report_style *style, struct buf *out);

/* Free what the page needs. The output remains. */
void report_page_free(struct report_page *p);

/* End the line. Its continuation begins at column INDENT. */
void report_page_end(struct report_page *p, size_t indent);

/* End a line that fits the page, as a row of a table does. */
void report_page_end_row(struct report_page *p);

/* Begin a line: LABEL, padded to REPORT_PAGE_LABEL columns. */
void report_page_label(struct report_page *p, const char *label);

/* Begin a line: LABEL, then KIB in the size column. A note may follow. */
void report_page_figure(struct report_page *p, const char *label, struct report_number kib);

/* Append what precedes the first note of a figure. */
void report_page_note(struct report_page *p);

/* Append a size in a column. One that is unknown is `-`. */
void report_page_size_column(struct report_page *p, struct report_number kib);

/* Append a size within a line. */
void report_page_size(struct report_page *p, struct report_number kib);

/* A part of a size. */
struct report_page_part {
	const char *name;
	struct report_number kib;
};

/* Append the parts of WHOLE that are not 0: `files 1.2 MiB, ...`. If their sum is not that of
 * WHOLE, they are of another moment, and their sum precedes them. Append nothing if no part is
 * known. */
void report_page_parts(struct report_page *p, struct report_number whole,
    const struct report_page_part *parts, size_t n);

/* Append NAME, cut to REPORT_PAGE_NAME columns; an empty one is `-`. */
void report_page_name(struct report_page *p, struct slice name);

/* Append NAME, cut to WIDTH columns; an empty one is `-`. */
void report_page_cut(struct report_page *p, struct slice name, size_t width);

/* Append `1 process` or `N processes`. */
void report_page_processes(struct report_page *p, struct report_number n);

/* Append a duration in microseconds. */
void report_page_duration(struct report_page *p, int64_t us);

/* Append the time US counted from the start of the run, as a duration. */
void report_page_since(struct report_page *p, struct report_number us);

/* Switch to a style such as REPORT_PAGE_BOLD, if the page has colour. */
void report_page_style(struct report_page *p, const char *style);

#endif
