/* SPDX-License-Identifier: MIT */
/*
 * Differences between the peaks of two sets of runs, the base and the new ones, or between the runs
 * of one set.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/slice.h"
#include "compare/runs.h"

/* The growth that is allowed: a percentage of the base, or a size. */
struct compare_threshold {
	double percent;
	uint64_t bytes;
	bool is_size;
};

enum compare_verdict {
	COMPARE_SAME,    /* the change is within the threshold */
	COMPARE_NOISE,   /* beyond the threshold, but within the noise */
	COMPARE_WORSE,   /* growth beyond both */
	COMPARE_BETTER,  /* a reduction beyond both */
	COMPARE_ADDED,   /* in the new runs only */
	COMPARE_REMOVED, /* in the base only */
};

enum compare_side { COMPARE_BASE, COMPARE_NEW, COMPARE_SIDES };

/* One value on both sides. A side's n is 0 if no run has the value. */
struct compare_item {
	struct slice name;
	struct runs_statistics side[COMPARE_SIDES];
	int64_t change;		      /* of the medians; a missing one counts as 0 */
	int64_t noise;		      /* the larger one, or -1 if both are unknown */
	enum compare_verdict verdict; /* COMPARE_SAME for bound and duration */
};

struct compare {
	bool has_new; /* false: the base only */
	struct compare_threshold threshold;
	struct compare_item total, bound; /* in KiB */
	struct compare_item duration;	  /* in microseconds */
	struct compare_item *group;	  /* the largest change first, or the largest median */
	size_t groups;
	size_t groups_worse;

	struct intern names; /* private to compare.c */
};

/* Compare RUNS with BASE; RUNS may be NULL. Each has at least one run. C refers to both until
 * compare_free. */
void compare_make(struct compare *c, const struct compare_threshold *threshold,
    const struct runs *base, const struct runs *runs);
void compare_free(struct compare *c);

/* Return the name of VERDICT. */
const char *compare_verdict_name(enum compare_verdict verdict);

/* Return X as a percentage of the base of ITEM, which must not be 0. A percentage that is 0 with
 * one decimal is 0. */
double compare_percent(const struct compare_item *item, int64_t x);

/* Append the header of a table: of two sets of runs if HAS_NEW, or else of one. */
void compare_tsv_header(bool has_new, struct buf *out);

/* Append the rows of the total and the groups. COMMAND is the command of the runs. RATIO is their
 * median as a multiple of another one, or 0 if it is unknown. */
void compare_tsv(
    const struct compare *c, struct slice command, double ratio, struct buf *out);

struct compare_style {
	const char *base_name;
	bool groups; /* a group that is worse is a regression */
	bool utf8;
};

/* Return whether C is a regression. */
bool compare_is_worse(const struct compare *c, const struct compare_style *style);

/* Append a change of KIB with its sign, and the growth that T allows. */
void compare_put_change(struct buf *out, int64_t kib);
void compare_put_allowed(struct buf *out, const struct compare_threshold *t);

/* Append a text to read. */
void compare_text(const struct compare *c, const struct compare_style *style, struct buf *out);

#endif
