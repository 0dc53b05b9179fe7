/*
 * The peaks of some runs, and how they differ from those of others.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/slice.h"
#include "compare/runs.h"
#include "stream/lines.h"

/* By how much a peak may grow: a share of it, or a size. */
struct compare_threshold {
	double percent;
	uint64_t bytes;
	int is_size;
};

enum compare_verdict {
	COMPARE_SAME,   /* within the threshold */
	COMPARE_NOISE,  /* beyond it, but not beyond what runs differ by themselves */
	COMPARE_WORSE,  /* more than either */
	COMPARE_BETTER, /* less by more than either */
	COMPARE_NEW,    /* not there before */
	COMPARE_GONE,
};

enum compare_side { COMPARE_BASE, COMPARE_NOW, COMPARE_SIDES };

/* A value on both sides; in a side's figures, n is 0 where it was in no run. */
struct compare_item {
	struct slice name;
	struct runs_figures side[COMPARE_SIDES];
	int64_t change;		   /* of the medians; one that is not there counts as 0 */
	int64_t noise;		   /* the larger of the two, or -1: not known */
	enum compare_verdict verdict; /* of bound and duration: none, COMPARE_SAME */
};

struct compare {
	int compares; /* else there is the one side only */
	struct compare_threshold threshold;
	struct compare_item total, bound; /* in KiB */
	struct compare_item duration;     /* in microseconds */
	struct compare_item *group;       /* the largest change first; if there is one */
	size_t groups;		       /* side only, the largest median */
	size_t groups_worse;

	struct intern names; /* diff.c's own */
};

/* Compares NOW with BASE, each with a run at least; or NOW is NULL. What the
 * result holds is good for as long as they are. */
void compare_make(struct compare *d, const struct compare_threshold *threshold, const struct runs *base,
    const struct runs *now);
void compare_free(struct compare *d);

/* X as a share of the base, in percent; the base may not be 0. */
double compare_percent(const struct compare_item *i, int64_t x);

/* Each appends one form of the whole. */
void compare_tsv(const struct compare *d, struct buf *out);

struct compare_style {
	const char *base_name; /* what it was compared with */
	int groups;	       /* a group that got worse is a regression too */
	int utf8;
};
void compare_text(const struct compare *d, const struct compare_style *style, struct buf *out);

#endif
