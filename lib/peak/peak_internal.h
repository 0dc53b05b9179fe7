/* SPDX-License-Identifier: MIT */
/*
 * The state of peaks, for the files of lib/peak.
 */
#ifndef PEAK_INTERNAL_H
#define PEAK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/intern.h"
#include "base/minmax.h"
#include "base/pidmap.h"
#include "base/slice.h"
#include "peak/over_time.h"
#include "peak/peak.h"
#include "peak/peak_metrics.h"
#include "peak/peak_moment.h"
#include "peak/spans.h"

#define PEAK_TIME_UNKNOWN INT64_MIN

/* Names beyond so many share one group. */
#define PEAK_GROUPS_MAX 10000
#define PEAK_OTHERS "(other names)"

/* A row of the output: the tree, a group or a process. */
struct peak_row {
	uint64_t rss_kib, bound_kib, vsz_kib; /* the largest */
	uint64_t at_peak_kib;		      /* held at the peak of the tree ... */
	uint64_t at_peak_number;	      /* ... with this number, see struct peak */
	int64_t time_us, first_us, last_us;
	uint64_t ticks;
	unsigned procs;
	bool known; /* the KiB are; a process can exit before it was read */
	bool bound_known; /* the bound is, even if the others are not */
};

struct peak_process {
	struct peak_row row;
	pid_t pid, ppid;
	uint32_t name, group;	    /* in names and group_names */
	uint32_t position;	    /* in the list of the last tick in which it was counted */
	bool replaced;		    /* another process has its PID now */
	uint64_t last_tick;	    /* that it was in */
	uint64_t counted_tick;	    /* the last in which it was not excluded */
	uint64_t rss_kib, mark_kib; /* in last_tick */
	uint64_t held_kib; /* the lesser RSS of last_tick and the tick before, if counted in both */
};

struct peak_group {
	struct peak_row row;
	struct peak_sums sums; /* of the last tick that it was in */
	uint64_t previous_kib; /* marks at the tick before that one */
	uint64_t closed_tick;  /* the last whose sums are in the row */
};

/* Facts about times, from `#` lines. */
struct peak_times {
	int64_t started_us, end_us; /* of the command; 0: not known */
	uint64_t first_tick;	    /* of the stream */
};

/* Processes, by index. */
struct peak_list {
	uint32_t *v;
	size_t n, cap;
};

struct peak {
	struct peak_options options;

	struct peak_process *process;
	size_t processes, processes_cap;
	struct peak_group *group; /* by number in group_names; some have had no tick */
	size_t groups, groups_cap;
	struct intern names, group_names;
	struct pidmap live;		    /* to the last process with a PID */
	struct peak_list present, previous; /* processes counted in these ticks */
	size_t next;			    /* index in PREVIOUS: the next one that is expected */
	uint64_t evicted, evicted_excluded; /* processes without an entry: counted, excluded */
	size_t evict_above;		    /* the number of processes or names; 0: not set yet */

	/* the present tick */
	uint64_t tick; /* number of it; 0 before the first */
	int64_t time_us;
	bool open; /* it has samples that are not in the rows yet */
	struct peak_sums sums;
	uint64_t excluded_kib;
	uint64_t previous_kib;	 /* marks at the previous tick */
	uint64_t unseen_kib;	 /* growth of processes that exited since the previous tick */
	uint64_t bound_kib;	 /* `#bound_kib` of the present tick, */
	bool bound_known;	 /* if the stream has it */
	uint64_t exits;		 /* processes that exited since the previous tick, as it has them */
	struct tick_notes notes; /* from `#` lines */

	/* the stream */
	struct peak_times times;
	bool watched;		 /* from the start of the command */
	uint64_t attached_tick;	 /* the first tick, if not watched: its marks predate it */
	bool bounds_known;	 /* some tick of the present stream had `#bound_kib`, */
	bool any_bounds_known;	 /* or of any stream */
	bool bound_refused;	 /* `#bound_refused`, of any stream: no bound is known */
	uint64_t mark_error_kib; /* the kernel may have a mark too low by this */

	/* the result */
	struct peak_row total;
	uint64_t peaks;		    /* of the tree so far; each is larger than the one before */
	bool others_unknown;	    /* at the peak: only one process's memory is known */
	uint64_t excluded_most_kib; /* at one tick */
	uint64_t highest_mark_kib;
	uint64_t maxrss_kib;  /* the largest of `#maxrss_kib` and `#command_maxrss_kib` */
	uint64_t command_maxrss_kib; /* the largest `#command_maxrss_kib`, */
	pid_t command;		     /* of this process */
	uint64_t maxrss_bound_kib;   /* the largest `#maxrss_bound_kib` */
	uint64_t bound_exits; /* processes that exited between the ticks with the largest bound */
	uint64_t exit_bound_kib; /* see peak_bound_note_exits */
	struct spans spans;
	struct over_time over_time;
	struct peak_metrics metrics;
};

static inline void peak_raise(uint64_t *value, uint64_t to)
{
	*value = max_u64(*value, to);
}

/* A row and its index. */
struct peak_ranked {
	uint64_t rss_kib;
	uint32_t i;
};

/* Sort by size, the largest first, and by index. */
void peak_rank(struct peak_ranked *r, size_t n);

/* Return the first process that was counted, or SIZE_MAX. */
size_t peak_first(const struct peak *k);

/* End the stream: the processes of the last tick have exited, or are not sampled any more. */
void peak_end_stream(struct peak *k);

/* At the end of a tick: if there are too many processes, evict the smallest that have exited. */
void peak_evict(struct peak *k);

/*
 * When processes were created and exited: note the value of `#exited`.
 * peak_times_set_first sets the first time of P, which has its first sample in the present tick,
 * and of its group.
 */
void peak_times_note_exited(struct peak *k, struct slice value);
void peak_times_begin_stream(struct peak *k);
void peak_times_set_first(struct peak *k, struct peak_process *p);

/* Note the peak of a command, the value of `#command_maxrss_kib`. */
void peak_note_command(struct peak *k, struct slice value);

/* Take LINE into account if it is `#maxrss_kib` or `#maxrss_bound_kib`. */
void peak_note_maxrss(struct peak *k, struct slice line);

/* End the input: add to the rows what is known only then. */
void peak_close(struct peak *k);

#endif
