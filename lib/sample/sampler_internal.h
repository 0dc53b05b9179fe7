/* SPDX-License-Identifier: MIT */
/*
 * Functions that the files sampler*.c share.
 */
#ifndef SAMPLER_INTERNAL_H
#define SAMPLER_INTERNAL_H

#include "base/buf.h"
#include "base/clock.h"
#include "os/process_detail.h"
#include "sample/bound.h"
#include "sample/group_memory.h"
#include "sample/joining.h"
#include "sample/pss_schedule.h"
#include "sample/pss_sharing.h"
#include "sample/sampler.h"
#include "sample/tree.h"
#include "stream/lines.h"
#include "stream/log_file.h"

struct sampler {
	const struct sampler_options *o;
	struct tree tree;
	struct schedule schedule;
	struct pss_schedule pss;
	struct pss_sharing sharing;
	struct group_memory group;
	struct joining joining;
	struct clock clock;
	int status;  /* for the exit */
	bool failed; /* sampling cannot go on */

	/* from the input */
	struct lines in;
	bool reading;		 /* more lines may come */
	bool complete;		 /* no more processes will be given */
	bool begun;		 /* the first tick may be taken */
	bool ended;		 /* `#end` */
	bool given;		 /* at least one process */
	bool attached;		 /* not to a command: there is no `#reaper` */
	bool launched;		 /* the other programs of this measurement are known */
	struct pidmap ancestors; /* of this process, and itself; empty: not read yet */

	/* ticks */
	uint64_t ticks;
	int64_t begun_ns;	   /* when sampling began */
	int64_t first_ns, tick_ns; /* the first tick, the last one */
	struct bound bound;
	uint64_t total_kib, marks_kib; /* sums over the present tick */
	uint64_t outside_kib;	       /* the same of what is not in RSS: swap, hugetlb pages */
	uint64_t shared_at_kib;	       /* the total at the last `#shared_kib` */
	int64_t cpu_ns;		       /* CPU time used until the last tick */
	bool for_pss;		       /* the present tick is taken for PSS, whose budget pays */

	/* at rest */
	int64_t quiet_until_ns; /* process events are not waited for until then, */
	int64_t quiet_ns;	/* which is so long */

	/* output */
	struct log_file log;
	struct buf out;	  /* `#` lines and rows of the present tick */
	size_t header_at; /* where the header belongs in out */
	char time[32];	  /* of the present tick, as text */
	size_t time_length;
	bool reformat;		      /* no row of the tick before can be used again */
	struct process_detail detail; /* of the present row */
};

/* ---- sampler_input.c */

/* Add PID, which was given. Print a message if it cannot be sampled. Return 0, or -1 if no more
 * input should be read: a process that is held stays so. */
int sampler_add(struct sampler *s, pid_t pid);

/* Read once from the input, and act on the lines that are complete. */
void sampler_read_input(struct sampler *s);

/* ---- sampler_pss.c */

void sampler_pss_init(struct sampler *s);

/* Note in a tick, before the bound is written, what its processes share. */
void sampler_update_pss(struct sampler *s, int64_t now_ns);

/* Read PSS if it is due: in every tick if their number is limited, whatever it costs. Append the
 * `#shared_kib` line. */
void sampler_read_pss(struct sampler *s, int64_t now_ns);

/* Return when PSS needs a tick, or INT64_MAX. */
int64_t sampler_pss_due_ns(const struct sampler *s);

/* ---- sampler_rest.c */

/* Find new processes. Return whether there are any, or have been. */
bool sampler_update_tree(struct sampler *s, int64_t now_ns);

/* Prepare after a tick for what follows if the tree rests. */
void sampler_rest(struct sampler *s);

/* Return a descriptor that is readable when there are process events to take at rest, or -1. */
int sampler_rest_fd(const struct sampler *s, int64_t now_ns);

/* Return when to call sampler_rest_check, or to ask for the descriptor again; or INT64_MAX. */
int64_t sampler_rest_until_ns(const struct sampler *s, int64_t now_ns);

/* Check for signs that memory moves, if it is time to. PROCESS_EVENTS: the descriptor is readable.
 * Return whether there are new processes. */
bool sampler_rest_check(struct sampler *s, int64_t now_ns, bool process_events);

/* ---- sampler_write.c */

/* Set the time of the tick. */
void sampler_set_time(struct sampler *s, int64_t now_ns);

/* Append the header and the lines before it, at the first tick. In a log, their place is kept:
 * sampler_write_tick finds out whether the log needs them. */
void sampler_put_header(struct sampler *s);

/* Append the lines that describe the schedule, if it has changed since they were put. */
void sampler_put_schedule(struct sampler *s);

/* Write what was appended, and empty it. A new log, or one that was truncated, gets the header.
 * With one tick, a log that has the header does not. If that fails, exit with a message. */
void sampler_write_tick(struct sampler *s);

/* The same after the last tick: no log gets a header. */
void sampler_write_end(struct sampler *s);

/* Append the `#missed_ticks` line if there is anything to report, and print a message if there is
 * much. */
void sampler_put_missed(struct sampler *s);

/* Append the `#bound_kib` line: what the tree can have had since the tick before, and how many
 * processes have exited since; and with PSS in the columns, `#pss_bound_kib`. */
void sampler_put_bound(struct sampler *s, int64_t now_ns);

/* Append the `#mark_since` lines: which marks include time before the tick before. */
void sampler_put_marks(struct sampler *s);

/* Append the `#created` and `#exited` lines: when processes were created that are sampled for the
 * first time, and when those exited that were sampled before. */
void sampler_put_times(struct sampler *s);

/* Append the `#exited` lines of the processes that have exited at the end of the sampling. */
void sampler_put_last_exits(struct sampler *s);

/* Append a row for each process that was sampled, then for those that exited before they could
 * be. */
void sampler_put_rows(struct sampler *s);

#endif
