/*
 * The further columns of samples that go along to the peaks: numbers, texts, and
 * labels, which are the columns that have a name of nobody else.
 */
#ifndef EXTRAS_H
#define EXTRAS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "lines.h"
#include "table.h"

enum extras_which {
	EXTRAS_PSS,
	EXTRAS_USS,
	EXTRAS_SWAP,
	EXTRAS_THREADS,
	EXTRAS_REGIONS,
	EXTRAS_CPU,
	EXTRAS_READ,
	EXTRAS_WRITE,
	EXTRAS_START,
	EXTRAS_EXE,
	EXTRAS_USER,
	EXTRAS_CMD,
	EXTRAS_LABEL, /* and those that follow */
};

#define EXTRAS_LARGEST EXTRAS_CPU   /* below: now; from there on: since the start */
#define EXTRAS_NUMBERS EXTRAS_START /* below: numbers; from there on: texts */
#define EXTRAS_LABELS 16	    /* at most; more are passed over */
#define EXTRAS_MAX (EXTRAS_LABEL + EXTRAS_LABELS)

/* Sets of columns have a bit for each. */
#define EXTRAS_BIT(which) (UINT32_C(1) << (which))

/* Which there are. Starts as all zeros; extras_free gives the memory back. */
struct extras {
	uint32_t seen; /* in any header so far */
	struct buf label[EXTRAS_LABELS];
	size_t labels;

	/* extras.c's own: where they stand in the present header */
	struct extras_at {
		size_t column;
		unsigned which;
	} at[EXTRAS_MAX];
	size_t n;
};

/* What a row says. */
struct extras_row {
	uint32_t known; /* those that are not empty */
	uint64_t number[EXTRAS_NUMBERS];
	struct slice text[EXTRAS_MAX - EXTRAS_NUMBERS]; /* as it stands in the stream */
};

/* Takes in the header that T read last. */
void extras_header(struct extras *e, const struct table *t);

/* Takes in the row that T read last. NULL, or what is wrong with it. */
const char *extras_read(const struct extras *e, const struct table *t, struct extras_row *row);

/* The name of a column, labels too. */
struct slice extras_name(const struct extras *e, unsigned which);

void extras_free(struct extras *e);

#endif
