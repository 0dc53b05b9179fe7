/*
 * The processes of a tree as a stream tells of them, and how to end them.
 *
 * Each can be held by a descriptor from when it is first seen, so that a signal
 * never reaches somebody who has got its PID since. That it is the one of the
 * stream is verified with the descriptor open: it must have started when the
 * stream says or, where that doesn't say, have the same parent.
 */
#ifndef TARGETS_H
#define TARGETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/pidmap.h"

#define TARGETS_NO_START INT64_MIN

struct target {
	pid_t pid, ppid;  /* ppid 0: not known */
	int64_t start_us; /* Unix time, or TARGETS_NO_START */

	/* the owner's own, 0 for a new one */
	int marked;
	int sent; /* the last signal */

	/* victims.c's own */
	int fd;		    /* holds it, or -1 */
	unsigned long tick; /* last seen in */
};

struct targets {
	struct target *v;
	size_t n;

	/* victims.c's own */
	size_t cap;
	struct pidmap index;
	unsigned long tick;
	size_t held, held_max;
};

/* HOLD: they may have to be signalled. */
void targets_init(struct targets *s, int hold);

/* Another tick begins: who was not seen in the last one has ended. */
void targets_tick(struct targets *s);

/* Process PID is there in this tick. It stays where it is until the next
 * targets_add or targets_tick. */
struct target *targets_add(struct targets *s, pid_t pid, pid_t ppid, int64_t start_us);

/*
 * Sends SIG, and wakes it if it is stopped, so that it can take it. 1 if sent; 0
 * if it has ended, its PID is another's, or it is none to be signalled: process
 * 1, ourselves, our parent; -1 with errno set.
 */
int targets_signal(struct targets *s, struct target *v, int sig);

/* Waits for one of them to end, for TIMEOUT_MS at most. How many there still were
 * before. */
size_t targets_wait(struct targets *s, int timeout_ms);

void targets_free(struct targets *s);

#endif
