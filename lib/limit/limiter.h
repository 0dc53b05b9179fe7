/*
 * Limits on the memory of processes in samples, and signals to the processes that exceed them.
 *
 * The owner hands over ticks and rows in the order of the stream. A row that exceeds a limit has
 * its effect at once, before the tick is complete: with a signal set, every process of the tree
 * gets it, and so does every process that appears later. The event is printed on standard error and
 * noted for the stream.
 */
#ifndef LIMITER_H
#define LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "limit/targets.h"
#include "stream/samples.h"

struct limiter_settings {
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
	unsigned long status_tick; /* number of the tick that set status */

	/* the present tick */
	unsigned long tick;
	char time[40]; /* as in the stream */
	size_t time_n;
	uint64_t total_kib;
	size_t processes;

	bool total_exceeded; /* in any tick */
	bool total_pending;  /* in this tick, to be reported when it is complete */
	int sig;	     /* what every target gets; 0: nothing yet */
	size_t sent;	     /* how many got it */
	bool sig_pending;    /* to be reported */
	int64_t kill_ns;     /* when SIGKILL is due, or LIMITER_NEVER */
};

#define LIMITER_NEVER INT64_MAX

/* Start, and note the limits for the stream. */
void limiter_init(struct limiter *l, const struct limiter_settings *settings);

/* Begin a tick; TIME is its time as in the stream. */
void limiter_begin_tick(struct limiter *l, struct slice time);

/* Add a row to the present tick and act if it exceeds a limit. */
void limiter_add(struct limiter *l, const struct samples_row *row);

/* Report a total limit that was exceeded, with the sum of the rows so far. Call this at the end of
 * a tick. */
void limiter_end_tick(struct limiter *l);

/* Report everything that is pending. Call this when no more rows have arrived. */
void limiter_report(struct limiter *l);

/* Return the time until SIGKILL is due for poll(2): milliseconds, or -1 if it is not pending. */
int limiter_timeout_ms(const struct limiter *l);

/* Send SIGKILL if it is due. Return true if it was sent. */
bool limiter_kill(struct limiter *l);

/* If SIGKILL is pending, wait until it is due or a process exits. Return true if processes were
 * left and it is still pending. */
bool limiter_wait(struct limiter *l);

void limiter_free(struct limiter *l);

#endif
