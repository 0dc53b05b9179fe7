/* SPDX-License-Identifier: MIT */
/*
 * The processes of the present tick, as targets for signals.
 *
 * A target can be held by a handle (os/process_signal.h) from its first sample on, so that a signal
 * never reaches a later process with the same PID. An open handle is verified against the samples:
 * the process must have started at the time that they state or, if they state none, must have the
 * same parent.
 */
#ifndef TARGETS_H
#define TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/pidmap.h"

#define TARGETS_NO_START INT64_MIN

struct target {
	pid_t pid, ppid;  /* ppid 0: unknown */
	int64_t start_us; /* Unix time, or TARGETS_NO_START */

	/* for the owner; zero in a new target */
	bool exceeded;	 /* its limit, which has been reported */
	int last_signal; /* sent to it */
	uint64_t kib;	 /* of its last sample */

	/* private to targets.c */
	int handle;	    /* or -1 */
	unsigned long tick; /* of its last sample */
};

struct targets {
	struct target *v;
	size_t n;

	/* private to targets.c */
	size_t cap;
	struct pidmap index;
	unsigned long tick;
	size_t handles, handles_max;
};

/* Start without targets. With HOLD, targets are held by handles. */
void targets_init(struct targets *t, bool hold);

/* Begin a tick. Targets without a sample in the previous tick have exited and are removed. */
void targets_begin_tick(struct targets *t);

/* Return the target of process PID in the present tick. The pointer is valid until the next
 * targets_add or targets_begin_tick. */
struct target *targets_add(struct targets *t, pid_t pid, pid_t ppid, int64_t start_us);

/* Return whether TARGET has a sample in the present tick. */
bool targets_is_present(const struct targets *t, const struct target *target);

/* Return whether TARGET has not exited. If so, anything just read by its PID belongs to it. */
bool targets_is_running(const struct target *target);

/*
 * Send SIG to TARGET, then SIGCONT, so that a stopped process receives SIG. Return 1 if it was
 * sent; 0 if the process has exited, if its PID belongs to another process, or if it is process 1,
 * the caller or the caller's parent; or -1 with errno set.
 */
int targets_signal(struct targets *t, struct target *target, int sig);

/* Wait until one target exits, for at most TIMEOUT_MS. Return how many were left before. */
size_t targets_wait(struct targets *t, int timeout_ms);

void targets_free(struct targets *t);

#endif
