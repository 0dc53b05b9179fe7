/* SPDX-License-Identifier: MIT */
/*
 * Limits on the memory of processes in samples, and signals to the processes that exceed them.
 *
 * The owner hands over `#` lines, ticks and rows in the order of the stream. Rows that exceed a
 * limit have their effect when no more rows have arrived, before the tick is complete: with a
 * signal set, every process of the tree gets it, and so does every process that appears later. The
 * event is printed on standard error and noted for the stream.
 *
 * Limits on RSS apply to what a report of the same samples shows, so the peaks (lib/peak) are
 * computed here too: a high-water mark can prove a peak between two ticks, and wait4(2) one at the
 * end. A signal is sent only if the memory exceeds the limit without what is counted more than once
 * (limit/sharing.h).
 */
#ifndef LIMITER_H
#define LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "limit/limit_group.h"
#include "limit/sharing.h"
#include "limit/targets.h"
#include "peak/peak.h"
#include "stream/metrics.h"
#include "stream/samples.h"

/* The memory that a limit applies to. */
enum limiter_metric {
	LIMITER_RSS,
	LIMITER_FOOTPRINT, /* RSS, swap and hugetlb pages; on macOS, what it charges */
	LIMITER_PSS,
	LIMITER_CGROUP, /* the memory of the control group; no limit of a process */
};

struct limiter_settings {
	enum limiter_metric metric;
	uint64_t total_kib, process_kib; /* 0: no limit */
	int sig;			 /* 0: send none */
	int64_t grace_ns;		 /* from the signal to SIGKILL */
};

struct limiter {
	/* The first limit exceeded: STATUS_TOTAL_EXCEEDED, STATUS_PROCESS_EXCEEDED or STATUS_OK. */
	int status;
	struct buf notes; /* `#` lines to add to the stream; the owner empties it */

	/* private to limiter.c */
	struct limiter_settings settings;
	struct targets targets;
	struct sharing sharing;
	struct limit_group group;
	struct peak *peak; /* of the RSS of the same samples */
	struct metrics no_metrics;
	uint64_t checked_kib;	   /* the peak of the tree that was compared with the limit last */
	unsigned long status_tick; /* number of the tick that set status */

	/* the present tick */
	unsigned long tick;
	char time[40]; /* as in the stream */
	size_t time_n;
	uint64_t total_kib;
	uint64_t largest_kib; /* of a process */
	uint64_t rss_kib;     /* of all processes */
	size_t processes;

	bool charged; /* the footprint is what macOS charges */
	bool total_exceeded, process_exceeded; /* in any tick */
	bool total_shared;		       /* exceeded but for shared memory, and reported */
	bool unconfirmed; /* the present tick may exceed the limit: read PSS again */
	bool finished;
	int sig;	     /* what every target gets; 0: nothing yet */
	size_t sent;	     /* how many got it */
	bool sig_pending;    /* to be reported */
	int64_t kill_ns;     /* when SIGKILL is due, or LIMITER_NEVER */
};

#define LIMITER_NEVER INT64_MAX

/* Parse the name of a metric. Return NULL, or the reason why it is invalid. */
const char *limiter_parse_metric(const char *name, enum limiter_metric *metric);

/* Start, and note the limits for the stream. */
void limiter_init(struct limiter *l, const struct limiter_settings *settings);

/* Take the `#` line LINE into account. */
void limiter_meta(struct limiter *l, struct slice line);

/* Begin a stream, at its header. Return NULL, or what the stream lacks for the metric. */
const char *limiter_begin_stream(struct limiter *l, const struct samples *s);

/* Begin a tick, that of S. */
void limiter_begin_tick(struct limiter *l, const struct samples *s);

/* The sizes of a row that struct samples_row lacks. */
struct limiter_extras {
	uint64_t hugetlb_kib;
	bool charged; /* what macOS charges to the process is known: CHARGED_KIB */
	uint64_t charged_kib;
};

/* Add a row to the present tick, and act if it exceeds the limit of a process. */
void limiter_add(
    struct limiter *l, const struct samples_row *row, const struct limiter_extras *extras);

/* Act if the rows so far exceed the limit of the total, and report everything that is pending. Call
 * this when no more rows have arrived. */
void limiter_report(struct limiter *l);

/* Act on what is known only at the end of the input. No more rows may be added. */
void limiter_finish(struct limiter *l);

/* Return how long to wait for input, for poll(2): until SIGKILL is due, or PSS or the control group
 * should be read again; milliseconds, or -1 if there is none of these. */
int limiter_timeout_ms(const struct limiter *l);

/* Send SIGKILL if it is due. Return true if it was sent. */
bool limiter_kill(struct limiter *l);

/* If SIGKILL is pending, wait until it is due or a process exits. Return true if processes were
 * left and it is still pending. */
bool limiter_wait(struct limiter *l);

void limiter_free(struct limiter *l);

#endif
