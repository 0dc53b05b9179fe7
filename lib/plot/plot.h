/* SPDX-License-Identifier: MIT */
/*
 * From samples to the data of a picture: memory over time, and the groups or processes that held
 * it.
 *
 * The figures are those of lib/peak. plot_write writes them as gnuplot's data blocks and variables,
 * which share/memplot.gnuplot draws. Text from the samples is only ever a line of a data block.
 */
#ifndef PLOT_H
#define PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "stream/samples.h"

/* The columns to read, for samples_init. */
#define PLOT_COLUMNS (SAMPLES_PPID | SAMPLES_HWM | SAMPLES_SWAP)

enum plot_scope { PLOT_GROUPS, PLOT_PROCESSES, PLOT_TOTAL };

struct plot_options {
	enum plot_scope scope;
	size_t number;	   /* of areas; the other groups or processes are one more area */
	const char *title; /* NULL: the command */
	size_t columns;	   /* of a chart of characters; 0: a picture */
};

struct plot;

struct plot *plot_new(const struct plot_options *options);

/* Add the event that was read from S. */
void plot_take(struct plot *p, const struct samples *s, enum samples_event event);

/* Append the data. Return false if there was no sample. */
bool plot_write(struct plot *p, struct buf *out);

void plot_free(struct plot *p);

#endif
