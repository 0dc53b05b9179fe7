/* SPDX-License-Identifier: MIT */
/*
 * The outputs of one report: it is read once and written in several formats.
 */
#ifndef REPORT_OUTPUTS_H
#define REPORT_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"
#include "report/report_formats.h"

struct report_output {
	const char *file; /* "-" is standard output */
	const struct report_format *format;
	struct report_template template;
	bool append;

	/* private to report_outputs.c */
	struct output to;
};

struct report_outputs {
	struct report_output *v;
	size_t n, cap;
	struct report_style style; /* as asked for, for all of them */
};

/* Add an output. OUTPUT's template belongs to O from then on. */
void report_outputs_add(struct report_outputs *o, const struct report_output *output);

/* Read peaks from the file INPUT, or "-", and write every output. If lines are invalid, write only
 * text, which people can judge, and what is not made from a report. Return the exit status. */
int report_outputs_write(struct report_outputs *o, const char *input);

void report_outputs_free(struct report_outputs *o);

#endif
