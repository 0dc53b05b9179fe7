/* SPDX-License-Identifier: MIT */
/*
 * Which columns a samples stream has: the standard ones, metrics, and labels.
 */
#ifndef SAMPLE_COLUMNS_H
#define SAMPLE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "stream/metrics.h"

enum sample_column {
	SAMPLE_TIME,
	SAMPLE_PID,
	SAMPLE_PPID,
	SAMPLE_RSS,
	SAMPLE_HWM,
	SAMPLE_VSZ,
	SAMPLE_COMM,
	SAMPLE_METRIC, /* the first metric of stream/metrics.h; the others follow */
	SAMPLE_COLUMNS_MAX = SAMPLE_METRIC + METRIC_LABEL,
};

/* Starts as all zeros. */
struct sample_columns {
	size_t n;
	unsigned char v[SAMPLE_COLUMNS_MAX]; /* enum sample_column, in the order of the stream */
	unsigned details;		     /* the set of details that they need */
	bool pss;			     /* PSS or USS is among them */
	size_t labels;			     /* these follow, in order */
	const char *label[METRICS_LABELS];   /* key=value, the caller's */
	char reason[512];		     /* private: the text that a function returned */
};

/* Have the standard columns, and those of os/process.h for this system. */
void sample_columns_default(struct sample_columns *c);

/*
 * These functions return NULL, or the reason why the argument is invalid, which is good until the
 * next call. LIST is names of columns, separated by commas or blanks. The unit may be left out.
 */

/* Have exactly the columns of LIST. Labels stay. */
const char *sample_columns_set(struct sample_columns *c, const char *list);

/* Add the columns of LIST, except those that are there already and names of labels. `parent` is
 * another name of ppid. */
const char *sample_columns_add(struct sample_columns *c, const char *list);

/* Add the label TEXT, `key=value`. TEXT must stay. */
const char *sample_columns_label(struct sample_columns *c, const char *text);

/* Append the header line. */
void sample_columns_header(const struct sample_columns *c, struct buf *b);

/* Return the value in the text of a label. */
const char *sample_columns_label_value(const char *label);

#endif
