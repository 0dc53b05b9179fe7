/* SPDX-License-Identifier: MIT */
/*
 * One row of a samples stream.
 */
#ifndef SAMPLE_ROW_H
#define SAMPLE_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "os/process.h"
#include "os/process_detail.h"
#include "sample/sample_columns.h"

/* Starts as all zeros. Release it with buf_free on the text. */
struct sample_row {
	struct buf text; /* with its newline */
	long time_at;	 /* where the time is in the text; -1: not in it */
	bool outdated;	 /* the caller's: it must be formatted again */
};

/* Format the row of P. D has the details that the columns need, and TIME is the text for the column
 * time. */
void sample_row_format(struct sample_row *r, const struct sample_columns *c,
    const struct process *p, const struct process_detail *d, const char *time);

/* Replace the time in a row that was formatted by the N bytes of TIME. The length stays the same.
 */
void sample_row_set_time(struct sample_row *r, const char *time, size_t n);

#endif
