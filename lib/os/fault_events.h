/*
 * Events for page faults: signals that memory begins to grow.
 *
 * Every thread that is watched has one event, which is inherited by what the thread starts later.
 * The kernel queues a signal each time that one task has taken as many faults as
 * FAULT_EVENTS_PERIOD_KIB of base pages need. A second event with a short or adapted period, for
 * the few faults that huge pages take, was tried: it doubled the cost of every fault.
 */
#ifndef FAULT_EVENTS_H
#define FAULT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAULT_EVENTS_PERIOD_KIB 1024

/* At most this many tasks are watched, and at most half of all descriptors are used for them. */
#define FAULT_EVENTS_TASKS 512

enum fault_events_level {
	FAULT_EVENTS_REFUSED, /* no task is watched: none was given, or the kernel refuses */
	FAULT_EVENTS_USER,    /* faults of user code, without those in system calls */
	FAULT_EVENTS_ALL,
};

struct fault_events {
	enum fault_events_level level;
	int signal_fd; /* readable when signals are pending; -1: none */
	int error;     /* errno of the last refusal; 0: none */

	/* private to the system */
	int *fd;
	size_t n, cap, max;
};

/* Prepare to watch, and block the signals that are used. Return 0, or -1 with errno set. */
int fault_events_init(struct fault_events *f);

/*
 * Watch all threads of PID and everything that they start from now on. Return 0, or -1 with errno
 * set: EACCES or EPERM if the kernel refuses, ENOSPC at the limit of tasks.
 */
int fault_events_watch(struct fault_events *f, pid_t pid);

/* Return the reason in words why events were refused, or NULL if they were not. */
const char *fault_events_refusal(const struct fault_events *f);

/* Return what the administrator can do about the refusal REASON: shell commands, one on each line.
 * REASON is a text that fault_events_refusal returned, possibly on another system. */
const char *fault_events_advice(const char *reason);

/* The signals that were pending. */
struct fault_events_pending {
	uint64_t periods; /* of FAULT_EVENTS_PERIOD_KIB each */
	bool overflow;	  /* the queue was full: the number is not known */
};
void fault_events_take(struct fault_events *f, struct fault_events_pending *pending);

/* Return the number of faults so far of all watched processes and of what they started. */
uint64_t fault_events_count(const struct fault_events *f);

void fault_events_free(struct fault_events *f);

#endif
