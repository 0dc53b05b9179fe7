/* SPDX-License-Identifier: MIT */
/*
 * Facts that one tick proves about the memory that was held at one moment.
 *
 * For example, two processes at two ticks, with their RSS and high-water mark (mark) in KiB:
 *
 *	            a                     b              sum of RSS
 *	tick 1      RSS 100, mark 100     RSS 50, mark 50    150
 *	tick 2      RSS 100, mark 300     RSS 60, mark 60    160
 *
 * MOMENT_AT_TICK: at tick 2, the tree held 160.
 *
 * MOMENT_BETWEEN_TICKS: the mark of a rose from 100 to 300, so a held 300 at some moment after
 * tick 1. The least that b held at either tick is 50, and b is taken to have held that much in
 * between. So the tree held 50 + 300 = 350. Only the mark that adds most counts,
 * because two marks need not have been reached at the same moment. In peak_sums, this is held_kib
 * plus rise.kib. held_kib is the sum of what each process held at both ticks (100 + 50). rise.kib is
 * how much the mark of rise.process exceeds what that process held (300 - 100).
 *
 * MOMENT_ALONE: if `#mark_since` reports that the mark of a may have risen before tick 1, when b
 * may have held nothing, only a itself is certain: 300.
 *
 * The moment of the tick is the largest of the three.
 */
#ifndef PEAK_MOMENT_H
#define PEAK_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/tick_notes.h"

/* The high-water mark of a process in the present tick. */
struct mark {
	uint32_t process;
	uint64_t kib;
	uint64_t previous_kib; /* at the previous tick; 0 if the process was not in it */
	uint64_t held_kib;     /* the lesser RSS of both ticks; 0 if it is not counted in both */
	bool risen;	       /* reached in this stream, and not yet at the previous tick */
	enum mark_age age;
};

/* The largest mark that rose, by some measure. With 0 KiB there is none. */
struct peak_rise {
	uint64_t kib;
	uint32_t process;
	bool counted_before; /* the process is counted in the previous tick too */
};

/* Sums over the samples of one tick, of the tree or of a group. */
struct peak_sums {
	uint64_t tick; /* number of the tick; the sums of an older one are zero in the present */
	uint64_t rss_kib, vsz_kib;
	uint64_t marks_kib;
	uint64_t bound_kib;	     /* of the larger mark of both ticks */
	uint64_t continued_kib;	     /* of marks at the previous tick, of processes in both */
	uint64_t held_kib;	     /* of what each process held at both ticks */
	struct peak_rise rise;	     /* dated; KIB above what the process held at both ticks */
	struct peak_rise undated;    /* undated; KIB is the mark itself */
	uint64_t undated_growth_kib; /* of what undated marks rose by */
	unsigned procs;
	unsigned continued; /* of PROCS: counted in the previous tick too */
	unsigned known;	    /* of PROCS: with a known RSS */
};

enum moment_kind { MOMENT_AT_TICK, MOMENT_BETWEEN_TICKS, MOMENT_ALONE };

struct moment {
	enum moment_kind kind;
	uint64_t kib;
	unsigned procs;	  /* that held it */
	uint32_t process; /* whose mark proves it, unless it is MOMENT_AT_TICK */
};

struct peak;
struct peak_sample;

/* Add a sample with mark M to S. CONTINUED: S counts the process at the previous tick too. */
void peak_moment_add(
    struct peak_sums *s, const struct peak_sample *sample, const struct mark *m, bool continued);

/* Return the moment at which most memory was held, as the sums of a tick prove it. */
struct moment peak_moment_of(const struct peak_sums *s);

/* Set what each process and group of the present tick held at M, the new peak of the tree. */
void peak_moment_set_holdings(struct peak *k, const struct moment *m);

#endif
