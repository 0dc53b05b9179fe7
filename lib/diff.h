/*
 * The peaks of some runs, and how they differ from those of others.
 */
#ifndef DIFF_H
#define DIFF_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "lines.h"
#include "names.h"
#include "runs.h"

/* By how much a peak may grow: a share of it, or a size. */
struct diff_threshold {
	double percent;
	uint64_t bytes;
	int is_size;
};

enum diff_verdict {
	DIFF_SAME,   /* within the threshold */
	DIFF_NOISE,  /* beyond it, but not beyond what runs differ by themselves */
	DIFF_WORSE,  /* more than either */
	DIFF_BETTER, /* less by more than either */
	DIFF_NEW,    /* not there before */
	DIFF_GONE,
};

enum diff_side { DIFF_BASE, DIFF_NOW, DIFF_SIDES };

/* A value on both sides; in a side's figures, n is 0 where it was in no run. */
struct diff_item {
	struct slice name;
	struct runs_figures side[DIFF_SIDES];
	int64_t change;		   /* of the medians; one that is not there counts as 0 */
	int64_t noise;		   /* the larger of the two, or -1: not known */
	enum diff_verdict verdict; /* of bound and duration: none, DIFF_SAME */
};

struct diff {
	int compares; /* else there is the one side only */
	struct diff_threshold threshold;
	struct diff_item total, bound; /* in KiB */
	struct diff_item duration;     /* in microseconds */
	struct diff_item *group;       /* the largest change first; if there is one */
	size_t groups;		       /* side only, the largest median */
	size_t groups_worse;

	struct names names; /* diff.c's own */
};

/* Compares NOW with BASE, each with a run at least; or NOW is NULL. What the
 * result holds is good for as long as they are. */
void diff_make(struct diff *d, const struct diff_threshold *threshold, const struct runs *base,
    const struct runs *now);
void diff_free(struct diff *d);

/* X as a share of the base, in percent; the base may not be 0. */
double diff_percent(const struct diff_item *i, int64_t x);

/* Each appends one form of the whole. */
void diff_tsv(const struct diff *d, struct buf *out);

struct diff_style {
	const char *base_name; /* what it was compared with */
	int groups;	       /* a group that got worse is a regression too */
	int utf8;
};
void diff_text(const struct diff *d, const struct diff_style *style, struct buf *out);

#endif
