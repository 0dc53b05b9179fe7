/* SPDX-License-Identifier: MIT */
/*
 * The parsers of the fields and `#` lines of a peaks stream: the private part of report.c.
 */
#ifndef REPORT_PARSE_H
#define REPORT_PARSE_H

#include <stddef.h>

#include "base/slice.h"
#include "report/report.h"

/* How a field is written. Times become microseconds. */
enum report_form {
	REPORT_FORM_NUMBER,
	REPORT_FORM_SECONDS,
	REPORT_FORM_MILLISECONDS,
	REPORT_FORM_TEXT
};

/* Parse FIELD into *TO, a report_number or, for a text, a slice. Return NULL, or the reason why it
 * is invalid. An empty field is unknown. */
const char *report_parse(struct report *r, enum report_form form, void *to, struct slice field);

/* Parse FIELD into metric I of ROW. Return the same. */
const char *report_parse_metric(
    struct report *r, struct report_row *row, unsigned i, struct slice field);

/* Parse a `#` line. One that is not known, or is invalid, is ignored. */
void report_parse_meta(struct report *r, struct slice line);

/* Return the bytes that FIELD encodes, valid as long as R. */
struct slice report_keep(struct report *r, struct slice field);

#endif
