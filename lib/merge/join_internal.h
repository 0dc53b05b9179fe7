/* SPDX-License-Identifier: MIT */
/*
 * The state of joining, for the files of lib/merge.
 */
#ifndef JOIN_INTERNAL_H
#define JOIN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/pidmap.h"
#include "merge/join.h"
#include "stream/samples.h"
#include "stream/tick_notes.h"

#define JOIN_NONE UINT32_MAX
#define JOIN_COLUMNS (SAMPLES_PPID | SAMPLES_HWM)
#define JOIN_UNKNOWN INT64_MIN /* a time */
#define JOIN_REAL_PIDS 4194304 /* no process ID of a system is larger */

/* Lines about a stream that become columns of its rows. */
enum { JOIN_HOST, JOIN_RANK, JOIN_PLACES };

/* A row of a tick. Its text is that of the columns after hwm_kib, with a tab before each. */
struct join_row {
	uint32_t process;
	pid_t ppid; /* 0: unknown */
	uint64_t rss_kib, mark_kib;
	uint64_t peak_kib; /* the largest RSS of the process up to here that samples prove */
	uint32_t at, n;	   /* the text */
	bool known;	   /* its RSS is */
	bool dated;	   /* its mark has risen since the tick before */
};

struct join_tick {
	uint64_t since;	   /* the moment from which it is held */
	uint64_t previous; /* SINCE of the tick before it in the stream; 0: none */
	int64_t time_us;
	uint64_t rss_kib;   /* the sum of its rows */
	uint64_t bound_kib; /* the largest sum since the tick before it */
	uint64_t exits;	    /* processes that exited since then */
	struct join_row *row;
	size_t rows, cap;
	struct buf text;
};

struct join_stream;

struct join_process {
	const struct join_stream *stream;
	pid_t pid, id;		       /* in its stream, in the output */
	uint32_t host;		       /* INTERN_NONE: not known */
	uint64_t tick;		       /* the number of the last tick with it */
	uint64_t mark_kib;	       /* in that tick */
	uint64_t peak_kib;	       /* as in join_row, up to that tick */
	uint64_t command_kib;	       /* `#command_maxrss_kib`; 0: none */
	int64_t created_us, exited_us; /* JOIN_UNKNOWN: not known */
	uint64_t exit;		       /* the moment from which it is not held */
	bool exited;
	uint64_t shown_kib;   /* the peak that the output shows */
	uint64_t written_kib; /* the mark that was written last, */
	uint64_t marked_kib;  /* the largest mark that was written */
	uint64_t written_in;  /* in this tick of the output, from 1; 0: none */
	uint32_t next;	      /* of a list */
	pid_t ppid;	      /* of its last row, after its exit, */
	struct buf text;      /* and the text without memory */
};

/* A list of processes, by NEXT. */
struct join_list {
	uint32_t first, last; /* JOIN_NONE: it is empty */
};

/* Facts about one tick, from the `#` lines before it. */
struct join_facts {
	bool bound_known;
	uint64_t bound_kib, exits, unseen_kib;
	struct tick_notes notes;
};

enum join_event { JOIN_START, JOIN_TICK, JOIN_END, JOIN_OVER };

struct join_stream {
	const char *file, *name; /* the operand, and for messages */
	int fd;
	off_t start;  /* where the input begins */
	dev_t device; /* of a regular file; INODE 0: it is none */
	ino_t inode;

	/* from the first reading; times are as in the stream */
	int64_t started_us, end_us; /* JOIN_UNKNOWN: not known */
	int64_t first_us, last_us;  /* ticks */
	uint64_t ticks, lines;
	uint64_t peak_tick, peak_kib;
	uint64_t mark_error_kib;
	uint64_t hash;		       /* of the first tick */
	struct buf place[JOIN_PLACES]; /* fields; empty: unknown */
	bool stopped;		       /* `#running` or `#stopped`, or all processes have exited */
	bool joined;		       /* it is of several streams */
	bool has_gap;		       /* it ends without a line about the end */
	int64_t shift_us;	       /* to add to all times */

	/* reading for the peaks of hosts, and joining */
	struct samples samples;
	bool open;	   /* SAMPLES is in use */
	bool begun;	   /* the next tick has begun */
	bool bounds_known; /* a tick has had `#bound_kib` */
	uint64_t number;   /* of the tick that was read last */
	size_t *map;	   /* by column of the output: that of the stream; SIZE_MAX: none */
	struct join_tick tick[3], *pending, *current, *kept;
	uint64_t kept_for; /* the moment of which KEPT is the tick */
	struct pidmap live;
	struct join_list exits;	   /* processes that are not in PENDING any more */
	struct join_list arrivals; /* processes of known hosts that are new in PENDING */
	struct join_facts before, now;
	uint32_t host;		     /* its number, in join_peaks.c */
	uint64_t held_kib, next_kib; /* there: what the stream holds, and will */
	enum join_event event;	     /* the next one */
	int64_t event_us;
	uint64_t bound_kib; /* what it adds to the bound at present */
};

/* Return the host of S, or an empty name if it is not known. */
static inline struct slice join_host(const struct join_stream *s)
{
	return (struct slice){s->place[JOIN_HOST].p, s->place[JOIN_HOST].n};
}

/* Lines about the run. */
struct join_run {
	struct join_agreed {
		struct buf value;
		bool known, differs;
	} agreed[4];
	bool exit_known, cpu_known;
	struct buf bound_refused; /* the line, if any stream has it */
	struct buf exit; /* the line about the first command that failed, or about the first one */
	bool failed;
	int64_t user_us, system_us;
	uint64_t maxrss_kib, oom_kills, missed, running;
	bool running_known;
	uint64_t mark_error_kib;
};

/* A tick of the output that is chosen, but not written. */
struct join_best {
	uint64_t moment; /* 0: none */
	int64_t time_us;
	uint64_t rss_kib;
};

/* The largest value since the previous tick of the output: up to the chosen moment, and after it.
 */
struct join_since {
	uint64_t bound_kib, exits;
	uint64_t later_bound_kib, later_exits;
};

struct join {
	struct join_options options;
	struct join_stream **stream;
	size_t streams, cap;
	struct intern columns;	   /* of the output, after hwm_kib */
	bool *is_memory;	   /* by column: unknown of a process that has exited */
	size_t column;		   /* the number of options.column; SIZE_MAX: none */
	size_t place[JOIN_PLACES]; /* the same of the columns host and rank */
	struct join_run run;
	int64_t started_us, end_us; /* with shifts; JOIN_UNKNOWN: not known */
	int64_t zero_us, step_us;   /* of steps; length 0: each moment is a step */
	bool used_input;	    /* standard input */
	bool failed;		    /* a later reading did, or a process is in two streams */

	int64_t *host_peak_us; /* the times of peaks of hosts, in order, */
	size_t host_peaks;     /* their number, and that of those before the present moment */
	size_t host_peaks_past;

	struct join_stream **heap;
	size_t heap_n;
	uint64_t moment;
	int64_t moment_us;
	uint64_t rss_kib, bound_kib; /* sums over streams at the moment, */
	size_t rows;		     /* and the number of rows */
	int64_t step;
	uint64_t step_kib; /* the largest that was written in this step */
	bool step_written;
	bool changed; /* a stream has a tick or ends at the moment */
	bool peaks;   /* a stream has its peak at the moment */
	struct join_best best;
	struct join_since since;
	uint64_t written;	 /* ticks of the output, */
	uint64_t written_moment; /* the moment of the last one, */
	int64_t written_us;	 /* and its time */
	bool header_written;

	struct join_process *process;
	size_t processes, processes_cap;
	uint32_t free_process;
	struct join_list exited; /* processes that are not held any more, mostly by their moments */
	struct join_list unseen; /* those of them that no tick has shown */
	uint64_t written_kib;	 /* the largest tick of the output */
	struct intern hosts;
	uint32_t host_column; /* INTERN_NONE: none */
	struct pidmap *held;  /* by host: the processes that are held */
	size_t held_cap;
	struct pidmap ids; /* in use */
	pid_t next_id;
};

/* ---- join_source.c: the first reading */

/* Open the stream and read it. Return the exit status. */
int join_source_read(struct join *j, struct join_stream *s);

/* Add the columns host and rank if streams have lines with them. */
void join_source_add_places(struct join *j);

/* ---- join_check.c: do the streams belong together */

int join_check(struct join *j);

/* Return the time at which S begins or ends, with its shift. */
int64_t join_check_start(const struct join_stream *s);
int64_t join_check_end(const struct join_stream *s);

/* ---- join_run.c: lines about the run */

void join_run_take(struct join_run *r, struct slice line);
void join_run_put_head(const struct join *j, struct buf *out);
void join_run_put_tail(const struct join *j, struct buf *out);
void join_run_free(struct join_run *r);

/* ---- join_facts.c: lines about ticks */

void join_facts_take(struct join *j, struct join_stream *s, struct slice line);
void join_facts_begin_tick(struct join_stream *s);
void join_facts_free(struct join_stream *s);

/* ---- join_heap.c: the streams, by the time of their next events */

void join_heap_clear(struct join *j);
void join_heap_add(struct join *j, struct join_stream *s);

/* After all are added: put them in order. */
void join_heap_make(struct join *j);

/* Put the first stream, whose event has changed, where it belongs, or remove it if it is over. */
void join_heap_reorder(struct join *j);

/* Return the first stream if its event is at US, and is an end if ENDS is true, or none if not;
 * else NULL. */
struct join_stream *join_heap_at(const struct join *j, int64_t us, bool ends);

/* ---- join_peaks.c: the peaks of hosts with several streams */

/* Find their times. */
void join_peaks_find(struct join *j);

/* Return whether a host has its peak at US, once for each US. US never decreases. */
bool join_peaks_at(struct join *j, int64_t us);

/* ---- join_stream.c: the last reading */

/* Begin to read S again, with the further COLUMNS of stream/samples.h. Return false if this is not
 * possible. */
bool join_stream_open(const struct join *j, struct join_stream *s, unsigned columns);

/* Return the next event of S. Lines that were not there at the first reading are not read. */
enum samples_event join_stream_next(struct join_stream *s);

/* Begin to read S, up to its first tick. */
void join_stream_begin(struct join *j, struct join_stream *s);

/* Read the next tick of S to s->pending, and set s->event. */
void join_stream_read(struct join *j, struct join_stream *s);

void join_stream_free(struct join_stream *s);

/* ---- join_processes.c */

/* Return the process of S with PID, in the tick with s->number: that of the tick before, or a new
 * one. */
uint32_t join_processes_find(struct join *j, struct join_stream *s, pid_t pid);

/* Return the process ID in the output of PPID, a parent of a process of S; 0: unknown. */
pid_t join_processes_parent(const struct join *j, const struct join_stream *s, pid_t ppid);

/* Process I of S, whose last row is ROW of TICK, is not in its next tick. */
void join_processes_exit(struct join *j, struct join_stream *s, uint32_t i,
    const struct join_tick *tick, const struct join_row *row);

/* Append process I to LIST. */
void join_processes_append(struct join *j, struct join_list *list, uint32_t i);

/* Free process I. */
void join_processes_forget(struct join *j, uint32_t i);

/* The processes in s->exits are not held any more from the present moment on. */
void join_processes_release(struct join *j, struct join_stream *s);

/* Append lines about processes that are not held any more at MOMENT. */
void join_processes_put(const struct join *j, uint64_t moment, struct buf *out);

/* Free those processes, after a tick without them. */
void join_processes_free(struct join *j, uint64_t moment);

/* ---- join_hosts.c: no process may be in two streams at one time */

/* Find the column of the host. */
void join_hosts_begin(struct join *j);

/* Process I is that of the row that S has just read, and is new in S. */
void join_hosts_add(struct join *j, struct join_stream *s, uint32_t i);

/* The new processes of S are held from the present moment on. Fail if another stream holds one. */
void join_hosts_hold(struct join *j, struct join_stream *s);

/* Process I is not held any more. */
void join_hosts_release(struct join *j, uint32_t i);

void join_hosts_free(struct join *j);

/* ---- join_ghosts.c: rows of 0 KiB for processes whose peak no tick shows */

/* Find the columns of memory. */
void join_ghosts_begin(struct join *j);

/* Append to MARKS, CREATED and ROWS what a tick at the moment MOMENT, of RSS_KIB, is to have of
 * processes that are not held then any more. */
void join_ghosts_put(struct join *j, const struct join_best *tick, struct buf *created,
    struct buf *marks, struct buf *rows);

/* After the last moment: return whether the peak of a process is missing in the output. */
bool join_ghosts_left(struct join *j);

/* ---- join_merge.c: moments */

void join_merge_begin(struct join *j);

/* Go on to the next moment. Append ticks to OUT if any are complete. Return false at the end. */
bool join_merge_next(struct join *j, struct buf *out);

/* ---- join_write.c: ticks of the output */

void join_write_header(const struct join *j, struct buf *out);

/* Append that the mark of P may have risen before the tick before or, PREDATES, the stream. */
void join_write_mark_since(
    const struct join *j, const struct join_process *p, bool predates, struct buf *out);

/* Append the tick of j->best, and forget it. */
void join_write_tick(struct join *j, struct buf *out);

#endif
