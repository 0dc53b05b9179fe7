/*
 * How a report takes in the fields of a stream, and `#` lines: what report.c
 * is made of.
 */
#ifndef REPORT_PARSE_H
#define REPORT_PARSE_H

#include <stddef.h>

#include "base/slice.h"
#include "report/report.h"
#include "stream/lines.h"

/* How a field is read, into which member. */
enum report_form {
	REPORT_READ_NUMBER,
	REPORT_READ_SECONDS,
	REPORT_READ_MILLISECONDS,
	REPORT_READ_TEXT
};

struct report_member {
	enum report_form form;
	size_t at;
};

/* FIELD into MEMBER of what is at BASE, a part of R or about to be. NULL, or what
 * is wrong with it. */
const char *report_parse(
    struct report *r, void *base, const struct report_member *member, struct slice field);

/* What a `#` line says, if it is known. */
void report_parse_meta(struct report *r, struct slice line);

/* The bytes that a field stands for, for as long as the report lasts. */
struct slice report_keep(struct report *r, struct slice field);

/* V, of N things of SIZE bytes, with room for one more. */
void *report_grown(void *v, size_t n, size_t size);

#endif
