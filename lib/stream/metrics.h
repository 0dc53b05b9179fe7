/*
 * The further columns of samples that go along to the peaks: numbers, texts, and
 * labels, which are the columns that have a name of nobody else.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"
#include "stream/tsv.h"

enum metric {
	METRIC_PSS,
	METRIC_USS,
	METRIC_SWAP,
	METRIC_THREADS,
	METRIC_REGIONS,
	METRIC_CPU,
	METRIC_READ,
	METRIC_WRITE,
	METRIC_START,
	METRIC_EXE,
	METRIC_USER,
	METRIC_CMD,
	METRIC_LABEL, /* and those that follow */
};

#define METRICS_LARGEST METRIC_CPU   /* below: now; from there on: since the start */
#define METRICS_NUMBERS METRIC_START /* below: numbers; from there on: texts */
#define METRICS_LABELS 16	    /* at most; more are passed over */
#define METRICS_MAX (METRIC_LABEL + METRICS_LABELS)

/* Sets of columns have a bit for each. */
#define METRICS_BIT(which) (UINT32_C(1) << (which))

/* Which there are. Starts as all zeros; extras_free gives the memory back. */
struct metrics {
	uint32_t seen; /* in any header so far */
	struct buf label[METRICS_LABELS];
	size_t labels;

	/* extras.c's own: where they stand in the present header */
	struct metrics_at {
		size_t column;
		unsigned which;
	} at[METRICS_MAX];
	size_t n;
};

/* What a row says. */
struct metrics_row {
	uint32_t known; /* those that are not empty */
	uint64_t number[METRICS_NUMBERS];
	struct slice text[METRICS_MAX - METRICS_NUMBERS]; /* as it stands in the stream */
};

/* Takes in the header that T read last. */
void metrics_header(struct metrics *e, const struct tsv *t);

/* Takes in the row that T read last. NULL, or what is wrong with it. */
const char *metrics_read(const struct metrics *e, const struct tsv *t, struct metrics_row *row);

/* The name of a column, labels too. */
struct slice metrics_name(const struct metrics *e, unsigned which);

void metrics_free(struct metrics *e);

#endif
