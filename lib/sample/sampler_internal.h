/*
 * Functions that the files sampler*.c share.
 */
#ifndef SAMPLER_INTERNAL_H
#define SAMPLER_INTERNAL_H

#include "base/buf.h"
#include "base/clock.h"
#include "os/process_detail.h"
#include "sample/group_memory.h"
#include "sample/pss_schedule.h"
#include "sample/sampler.h"
#include "sample/tree.h"
#include "stream/lines.h"

struct sampler {
	const struct sampler_options *o;
	struct tree tree;
	struct schedule schedule;
	struct pss_schedule pss;
	struct group_memory group;
	struct clock clock;
	int status;  /* for the exit */
	bool failed; /* sampling cannot go on */

	/* from the input */
	struct lines in;
	bool reading;  /* more lines may come */
	bool complete; /* no more processes will be given */
	bool begun;    /* the first tick may be taken */
	bool ended;    /* `#end` */
	bool given;    /* at least one process */

	/* ticks */
	uint64_t ticks;
	int64_t first_ns;	       /* the first tick */
	uint64_t total_kib, marks_kib; /* sums over the present tick */
	int64_t cpu_ns;		       /* CPU time used until the last tick */

	/* output */
	struct buf out; /* `#` lines and rows of the present tick */
	char time[32];	/* of the present tick, as text */
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

/* ---- sampler_write.c */

/* Set the time of the tick. */
void sampler_set_time(struct sampler *s, int64_t now_ns);

/* Append the header and the lines before it. */
void sampler_put_header(struct sampler *s);

/* Append the `#mark_since` lines: which marks include time before the tick before. */
void sampler_put_marks(struct sampler *s);

/* Append a row for each process that was sampled, then for those that exited before they could
 * be. */
void sampler_put_rows(struct sampler *s);

#endif
