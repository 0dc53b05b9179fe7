/* SPDX-License-Identifier: MIT */
/*
 * The fields of a report: one row for each value that JSON, its schema, OpenMetrics and templates
 * have. The fields of metrics follow from stream/metrics.h.
 *
 *	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
 *	for (struct report_field f; report_fields_next(&fields, &f);)
 *		... report_get(r, report_total(r), &f) ...
 */
#ifndef REPORT_FIELDS_H
#define REPORT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"

#define REPORT_SCHEMA_VERSION 1 /* of the JSON */

/* The kind of a value. Sizes are in KiB, times in microseconds. */
enum report_kind {
	REPORT_COUNT,
	REPORT_FLAG,	/* 0 or 1 */
	REPORT_KIB,	/* the key ends in _kib */
	REPORT_SECONDS, /* in _seconds */
	REPORT_DECIMAL, /* a number in millionths */
	REPORT_DATE,	/* in _at */
	REPORT_TEXT,
	REPORT_NAME, /* a text that may be empty */
};

/* Where a value is. */
enum report_from {
	REPORT_FROM_RUN,    /* a member of struct report */
	REPORT_FROM_RECORD, /* a member of the record: a report_row or report_exceeded */
	REPORT_FROM_SINCE,  /* the same, counted from the start of the run */
	REPORT_FROM_METRIC, /* a metric of a report_row */
	REPORT_COMPUTED,
};

struct report_field {
	const char *key; /* as in JSON; `object.key` if it is a member of an object */
	enum report_kind kind;
	const char *help; /* a noun, without a period */
	const char *rule; /* members of its JSON schema in place of those of its kind, or NULL */
	bool gauge;	  /* a number in OpenMetrics too */

	/* The column without which the field is left out of the objects of JSON. REPORT_C_SCOPE,
	 * which each stream has, if the field is always there. */
	enum report_column column;

	/* private to report_fields.c and report_json_read.c */
	enum report_from from;
	size_t at; /* offset of the member, or the metric */
	struct report_number (*compute)(const struct report *r);
};

/* The records that have fields. */
enum report_list {
	REPORT_FIELDS_RUN, /* the run as a whole; the record is the row of the total */
	REPORT_FIELDS_GROUP,
	REPORT_FIELDS_PROCESS,
	REPORT_FIELDS_SPAN,
	REPORT_FIELDS_EXCEEDED,
	REPORT_LISTS
};

struct report_fields {
	enum report_list list;

	/* private to report_fields.c */
	size_t next;
	unsigned metric;
};

/* Set *F to the next field in the order of JSON, in which the members of an object are together.
 * Return false if there is none. */
bool report_fields_next(struct report_fields *fields, struct report_field *f);

/* Return the value of F in RECORD, which is of the list that F is in. */
struct report_value report_get(
    const struct report *r, const void *record, const struct report_field *f);

/* The arrays of records in JSON. */
struct report_array {
	const char *key;
	const char *help;
	enum report_list list;
	enum report_scope scope;
	bool optional; /* only if it is asked for */
};

extern const struct report_array report_arrays[]; /* ended by a key of NULL */

#endif
