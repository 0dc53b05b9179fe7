/*
 * The page that the report for people is written on: what report_text.c and report_text_figures.c
 * share.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/format.h"
#include "base/slice.h"
#include "report/report.h"

#define REPORT_PAGE_WIDTH 80
#define REPORT_PAGE_NAME 22 /* columns of a name */
#define REPORT_PAGE_LABEL 12 /* columns of what a line is about */

#define REPORT_PAGE_BOLD "\033[1m"
#define REPORT_PAGE_FAINT "\033[2m"
#define REPORT_PAGE_PLAIN "\033[0m"

struct report_page {
	const struct report *r;
	const struct report_style *style;
	struct buf *out;
	int size_width; /* of a column of sizes */
};

/* Return a page for R, which has a total. Its columns are as wide as the largest size. */
struct report_page report_page_begin(
    const struct report *r, const struct report_style *style, struct buf *out);

/* Append a size in a column. One that is unknown is `-`. */
void report_page_size_column(struct report_page *p, struct report_number kib);

/* Append a size within a line. */
void report_page_size(struct report_page *p, struct report_number kib);

/* A part of a size. */
struct report_page_part {
	const char *name;
	struct report_number kib;
};

/* Append the parts of WHOLE that are not 0, after a size column: `   files 1.2 MiB, ...`. If their
 * sum is not that of WHOLE, they are of another moment, and their sum precedes them. */
void report_page_parts(struct report_page *p, struct report_number whole,
    const struct report_page_part *parts, size_t n);

/* Append NAME, cut to REPORT_PAGE_NAME columns; an empty one is `-`. */
void report_page_name(struct report_page *p, struct slice name);

/* The same, padded to that width. */
void report_page_name_column(struct report_page *p, struct slice name);

/* Append NAME, cut to WIDTH columns, and return how many it takes. */
size_t report_page_cut(struct report_page *p, struct slice name, size_t width);

/* Append `1 process` or `N processes`. */
void report_page_processes(struct report_page *p, struct report_number n);

/* Append the time US counted from the start of the run, as a duration. */
void report_page_since(struct report_page *p, struct report_number us);

/* Switch to a style such as REPORT_PAGE_BOLD, if the page has colour. */
void report_page_style(struct report_page *p, const char *style);

#endif
