/* SPDX-License-Identifier: MIT */
/*
 * Reading the metrics of stream/metrics.h from a process.
 */
#ifndef SAMPLE_METRICS_H
#define SAMPLE_METRICS_H

#include <stddef.h>

#include "base/buf.h"
#include "os/process.h"
#include "os/process_detail.h"
#include "stream/metrics.h"

struct sample_metric {
	unsigned details; /* the set of details that put needs */

	/* Append the value, or nothing if it is not known. The details are all known. */
	void (*put)(struct buf *b, const struct process *p, const struct process_detail *d);
};

extern const struct sample_metric sample_metrics[METRIC_LABEL];

/* Append TEXT as a field. It is escaped so that a row cannot begin like a `#` line. */
void sample_put_text(struct buf *b, const char *text, size_t n);

#endif
