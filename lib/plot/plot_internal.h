/* SPDX-License-Identifier: MIT */
/*
 * Shared by plot.c, which reads samples, and plot_data.c, which writes data.
 */
#ifndef PLOT_INTERNAL_H
#define PLOT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "peak/peak_samples.h"
#include "plot/holdings.h"
#include "plot/plot.h"
#include "report/report.h"
#include "stream/metrics.h"

#define PLOT_UNKNOWN INT64_MIN
#define PLOT_SPANS 1200 /* parts of the time: one for each pixel of a picture's width */
#define PLOT_PROCESSES_MAX 10000

struct plot {
	struct plot_options options;
	struct metrics metrics; /* none are read */
	struct peak *peak;
	struct report report; /* the peaks, from plot_write on */
	struct holdings holdings;
	struct buf command;
	int64_t started_us;
	uint64_t limit_kib; /* 0: none */
	bool has_swap;	    /* a process had memory in swap */
	bool has_marks;	    /* samples_has_bounds() of any header */
};

/* Append the data of P, whose peaks have been read. */
void plot_data(const struct plot *p, struct buf *out);

#endif
