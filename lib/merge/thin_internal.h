/* SPDX-License-Identifier: MIT */
/*
 * The state of thinning, for the files of lib/merge.
 */
#ifndef THIN_INTERNAL_H
#define THIN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/pidmap.h"
#include "base/windows.h"
#include "merge/thin.h"
#include "stream/tick_notes.h"

#define THIN_NONE UINT32_MAX

/* How a column is written in a sample of 0 KiB. */
enum thin_column { THIN_COPY, THIN_TIME, THIN_RSS, THIN_HWM, THIN_UNKNOWN };

/* A header. Streams with the same one share it. */
struct thin_layout {
	struct buf header;
	enum thin_column *column;
	size_t columns;
	size_t comm; /* the number of this column; SIZE_MAX: there is none */
	bool has_hwm;
};

/* Facts about the time since the previous tick, from `#` lines. */
struct thin_facts {
	bool bound_known, pss_known;
	uint64_t bound_kib, bound_exits, pss_bound_kib;
	uint64_t shared_kib, shared_at_kib; /* 0: not known */
	uint64_t unseen_kib;
};

struct thin_stream {
	size_t layout;
	struct thin_node *first, *last; /* ticks */
	size_t held;			/* how often windows refer to its ticks */
	bool watched; /* from the start of the command: marks of the first tick do not predate it */
	bool ended, dropped;
};

enum thin_kind { THIN_HEADER, THIN_TICK, THIN_END };

/* A part of the stream: a header, a tick or the end, with the `#` lines before it. */
struct thin_node {
	enum thin_kind kind;
	struct thin_node *prev, *next;
	struct thin_stream *stream;
	struct buf lines;

	/* of a tick */
	uint64_t number; /* in the input; the next one has the next number, except across headers */
	int64_t time_us;
	uint64_t rss_kib, peak_kib;
	bool is_between;      /* peak_kib was held between the tick before and this one */
	bool follows_dropped; /* the tick before was dropped: the lines about one tick are stale */
	bool pinned;	      /* not to be dropped */
	size_t held;	      /* how often windows refer to it */
	struct thin_facts facts; /* since the tick that is kept before */
	struct thin_row *row;
	size_t rows, cap;
	struct buf text; /* of the rows */

	/* while writing */
	size_t ordinal;	   /* among the ticks that are kept, from 1 */
	bool is_protected; /* no mark is written here for a process that is not in it */
	uint32_t ghosts;   /* the first process that is written with 0 KiB; THIN_NONE: none */
};

struct thin_process {
	pid_t pid; /* 0: the entry is free */
	struct thin_stream *stream;
	uint64_t last_tick;	       /* the number of the last tick with it, */
	uint64_t rss_kib, mark_kib;    /* and what it was there */
	uint64_t peak_kib;	       /* the largest RSS that its samples prove, */
	uint64_t peak_tick;	       /* since this tick */
	int64_t created_us, exited_us; /* 0: not known */
	size_t rows;		       /* in ticks that are kept */
	bool known;		       /* its memory is */
	bool exited;
	struct buf text; /* of its last row, after its exit */

	/* while writing */
	uint64_t shown_kib;	   /* the peak that has been written */
	bool renamed;		   /* it has changed its name since its last row that is kept */
	uint64_t written_kib;	   /* the mark that was written last, */
	size_t written_in;	   /* in the tick with this ordinal */
	struct thin_node *place;   /* where its peak is written as its mark; NULL: not needed */
	struct thin_node *lowered; /* where its RSS is written as its mark, or NULL */
	uint32_t next;		   /* the next one in node.ghosts */
};

/* Facts about the next tick, before it begins. */
struct thin_before {
	struct thin_facts facts;
	struct tick_notes notes;
};

struct thin {
	struct thin_options options;
	struct windows windows;
	struct thin_node *head, *tail; /* the list of nodes */
	struct thin_node *spare;       /* nodes to be used again, by NEXT */
	struct thin_node *tick;	       /* the present one, or NULL */
	struct thin_node *previous;    /* the tick before it in the stream, or NULL */
	struct thin_stream *stream, **streams;
	size_t streams_n, streams_cap;
	struct thin_layout *layout;
	size_t layouts, layouts_cap;

	struct thin_process *process;
	size_t processes, processes_cap;
	uint32_t free_process; /* the first free entry, by NEXT; THIN_NONE: none */
	size_t unshown;	       /* processes that have exited and have no row that is kept */
	struct pidmap live;

	uint64_t number;  /* of the tick */
	size_t rows;	  /* in all ticks that are kept */
	size_t next;	  /* the row of PREVIOUS that is expected next */
	size_t continued; /* how many rows of the tick are of processes that PREVIOUS has */
	bool watched;	  /* `#started` has been read since the last header */
	struct thin_before before, now;
	struct buf lines; /* since the last row */

	/* sums of the tick */
	uint64_t held_kib, rise_kib, undated_kib;

	/* while writing */
	struct thin_node **kept;
	size_t kept_n, kept_cap;
	struct thin_node *next_node; /* to be written */
	bool planned;
};

/* ---- thin_nodes.c: the list of nodes */

/* Append a node to the list. */
struct thin_node *thin_nodes_add(struct thin *t, enum thin_kind kind);

/* Note that windows refer to TICK once more, or once less, which may drop it and its stream. */
void thin_nodes_hold(struct thin_node *tick);
void thin_nodes_release(struct thin *t, struct thin_node *tick);

/* Let TICK be dropped as soon as no window refers to it. */
void thin_nodes_unpin(struct thin *t, struct thin_node *tick);

/* Drop STREAM if it has ended and no window refers to it. */
void thin_nodes_check_stream(struct thin *t, struct thin_stream *stream);

/* Append LINES to OUT without those about one tick. */
void thin_nodes_filter(const struct buf *lines, struct buf *out);

void thin_nodes_free(struct thin *t);

/* ---- thin_processes.c */

/* Return the number of the process with PID: that of the previous tick, or a new one. */
uint32_t thin_processes_find(struct thin *t, pid_t pid);

/* Note that processes of t->previous that are not in t->tick have exited. */
void thin_processes_exit(struct thin *t);

/* Note that a row of process I is dropped. */
void thin_processes_drop_row(struct thin *t, uint32_t i);

/* Free the entries of processes that will not be written, if there are too many. */
void thin_processes_evict(struct thin *t);

/* ---- thin_lines.c: `#` lines */

void thin_lines_take(struct thin *t, struct slice line);
void thin_lines_begin_tick(struct thin *t);
void thin_lines_free(struct thin *t);

/* Add OTHER, which is about earlier time, to FACTS. */
void thin_lines_merge(struct thin_facts *facts, const struct thin_facts *other);

/* Append FACTS as lines. */
void thin_lines_put(const struct thin_facts *facts, struct buf *out);

/* Append `KEY<tab>PID<tab>TIME`. */
void thin_lines_put_time(struct buf *out, const char *key, pid_t pid, int64_t us);

/* ---- thin.c */

/* Return the field `comm` of TEXT, a row of STREAM. */
struct slice thin_name_in(
    const struct thin *t, const struct thin_stream *stream, struct slice text);

/* ---- thin_plan.c */

/* Decide where the peaks are written that no tick shows. */
void thin_plan(struct thin *t);

/* The mark of a row as it is written. */
struct thin_claim {
	uint64_t mark_kib, shown_kib; /* the peak that mempeak concludes */
	enum { THIN_NO_LINE, THIN_UNDATED, THIN_PREDATES } line;
};

/* Set *CLAIM to how ROW of TICK is written, and note that it was. */
void thin_plan_row(struct thin *t, const struct thin_node *tick, const struct thin_row *row,
    struct thin_claim *claim);

/* Return whether the tick before TICK in the input is the one that is written before it. */
bool thin_plan_is_complete(const struct thin_node *tick);

#endif
