/*
 * What peak.c adds up and peak_write.c writes out: nobody else's.
 */
#ifndef PEAK_INTERNAL_H
#define PEAK_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/intern.h"
#include "base/pidmap.h"
#include "peak/peak.h"
#include "peak/peak_metrics.h"
#include "peak/spans.h"

#define PEAK_TIME_UNKNOWN INT64_MIN

/* Of more names, those that come late are one group together. */
#define PEAK_GROUPS_MAX 10000
#define PEAK_OTHERS "(other names)"

/* What the whole, a group or a process comes to. */
struct peak_row {
	uint64_t rss_kib, bound_kib, vsz_kib;
	uint64_t at_peak_kib;
	uint64_t generation; /* which peak of the total at_peak_kib is of */
	int64_t time_us, first_us, last_us;
	uint64_t ticks;
	unsigned procs;
	int known; /* the KiB are; a process can end unread */
};

/* The present tick of the whole or of a group, summed up row by row. */
struct peak_sums {
	uint64_t tick; /* which; older sums count as zero */
	uint64_t rss_kib, vsz_kib;
	uint64_t marks_kib;	/* of all marks */
	uint64_t bound_kib;	/* the same, where a mark fell the one before */
	uint64_t stayed_kib;	/* marks, at the tick before, of who is still here */
	uint64_t floor_kib;	/* what each held at both ticks */
	uint64_t gain_kib;	/* the largest of: a risen mark, above that floor */
	uint64_t late_kib;	/* by which marks rose nobody knows when */
	uint64_t alone_kib;	/* the largest mark risen nobody knows when */
	uint32_t gainer, loner; /* the processes of these two */
	unsigned procs, stayed;
	unsigned known; /* of procs: with a figure */
};

struct peak_process {
	struct peak_row row;
	pid_t pid, ppid;
	uint32_t name, group;	    /* as in names and group_names */
	uint64_t tick;		    /* the last it was in */
	uint64_t counted;	    /* the last that it was not left out of */
	uint64_t rss_kib, mark_kib; /* there */
	uint64_t floor_kib;	    /* the less of that and the tick before's */
};

struct peak_group {
	struct peak_row row;
	struct peak_sums now;
	uint64_t last_marks_kib; /* at the tick before the present */
	uint64_t last_tick;
};

struct peak {
	struct peak_options options;
	struct peak_process *process;
	size_t processes, processes_cap;
	struct peak_group *group; /* by name; one without a tick is none */
	size_t groups, groups_cap;
	struct intern names, group_names;
	struct pidmap live;	/* to the process last seen with a PID */
	struct pidmap late;	/* marks of the coming tick, as enum late */
	uint32_t *now, *before; /* processes in this tick and the last */
	size_t now_n, before_n, now_cap, before_cap;

	size_t forget_above;	     /* so many processes or names; 0: not known yet */
	uint64_t forgotten;	     /* processes that were counted, */
	uint64_t forgotten_left_out; /* and that were not */

	struct peak_row total;
	int others_unknown; /* at the total's peak: only one is known */
	struct peak_sums sums;
	uint64_t left_out_kib, left_out_most_kib; /* at this tick, and at any */
	uint64_t last_marks_kib;
	uint64_t highest_kib;  /* of all marks */
	uint64_t with_end_kib; /* the largest bound to which what somebody
				  who ended may have reached is to be added */
	uint64_t tick;	       /* of the present; 0 before the first */
	int open;	       /* it has rows that are not summed up yet */
	uint64_t base;	       /* the first tick whose marks tell of this run */
	int64_t time_us;
	int held;	     /* the command was watched from its start */
	uint64_t maxrss_kib; /* of the largest that was waited for */
	uint64_t error_kib;  /* by which the kernel may have a mark too low */
	uint64_t unseen_kib; /* what those gone since the tick before may have added */
	struct spans spans;
	struct peak_metrics extras;
};

/* A row and which it is. */
struct peak_ranked {
	uint64_t rss_kib;
	uint32_t i;
};

/* The largest first, else as they came. */
void peak_rank(struct peak_ranked *r, size_t n);

/* The first process that was counted, or SIZE_MAX. */
size_t peak_first(const struct peak *k);

/* A tick is over: if there are too many processes, the smallest of those that have
 * ended are forgotten. */
void peak_evict(struct peak *k);

/* No more rows will come: counts in what is known at the end alone. */
void peak_close(struct peak *k);

#endif
