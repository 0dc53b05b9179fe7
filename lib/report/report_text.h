/*
 * What the parts of the report that people read share.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/format.h"
#include "base/slice.h"
#include "report/report.h"

#define REPORT_TEXT_NAME 22 /* columns of a name */

struct report_page {
	const struct report *r;
	const struct report_style *style;
	struct buf *out;
	int width; /* of a column of sizes */
};

/* A size as STYLE has it, or -; returned in TEXT or not. */
const char *report_text_format(
    const struct report_page *p, char text[FORMAT_SIZE], struct report_number kib);

/* The same in a column, and within a line of words. */
void report_text_size(struct report_page *p, struct report_number kib);
void report_text_say(struct report_page *p, struct report_number kib);

/* At most WIDTH columns of NAME; padded if PAD. */
void report_text_name(struct report_page *p, struct slice name, size_t width, int pad);

/* TEXT, in bold or faint if STYLE has colour. */
#define REPORT_TEXT_BOLD "\033[1m"
#define REPORT_TEXT_FAINT "\033[2m"
#define REPORT_TEXT_PLAIN "\033[0m"
void report_text_styled(struct report_page *p, const char *code, const char *text);

/* What `process` needs behind it for N of them. */
const char *report_text_plural(struct report_number n);

/* Peaks and whatever else was measured of the whole, a line each. */
void report_text_figures(struct report_page *p);

#endif
