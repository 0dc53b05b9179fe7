/* SPDX-License-Identifier: MIT */
/*
 * The formats that peaks can be written in: one row each.
 */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

#include <stdbool.h>

#include "base/buf.h"
#include "report/report.h"
#include "stream/output.h"
#include "stream/stage.h"

typedef void report_printer(
    const struct report *r, const struct report_style *style, struct buf *out);

struct report_format {
	const char *name;
	const char *suffix; /* of the files that have this format by default; NULL: none */

	/* How it is made: one of these is set. */
	report_printer *print; /* from a report */
	int (*convert)(const struct stage_input *input, struct output *to); /* from the stream */
	void (*constant)(struct buf *out);				    /* from nothing */
	const char *maker; /* by this program, from samples */

	bool from_peaks;       /* convert: only if the stream is valid peaks */
	bool shows_incomplete; /* print: the report shows that it is incomplete */
};

/* Return the format called NAME, or NULL. */
const struct report_format *report_format_find(const char *name);

/* Return the format of FILE by its suffix: text if that has no meaning. */
const struct report_format *report_format_of_file(const char *file);

/* Append the names of the formats, separated by spaces. */
void report_format_names(struct buf *out);

#endif
