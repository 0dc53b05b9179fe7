/* SPDX-License-Identifier: MIT */
/*
 * Events for page faults and for CPU time: signals that memory begins to grow.
 *
 * Every thread that is watched has events, which are inherited by what the thread starts later.
 * They are copied at each creation of a thread or process, and cost nothing else until they are
 * armed. While they are armed, the kernel queues a signal each time that one task has taken
 * FAULT_EVENTS_PERIOD faults: 32 KiB in pages of 4 KiB, or 16 MiB in huge pages. MAP_POPULATE and
 * fork(2) take no fault, but CPU time. A second signal, of the clock, is queued when a task has run
 * for FAULT_EVENTS_CLOCK_NS, also inside system calls.
 *
 * So many signals would slow down a task that grows, so both are meant to be armed until they come
 * once.
 */
#ifndef FAULT_EVENTS_H
#define FAULT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAULT_EVENTS_PERIOD 8

/* In this time the kernel zeroes some MiB of new pages. */
#define FAULT_EVENTS_CLOCK_NS 1000000

#define FAULT_EVENTS_UNSUPPORTED "not supported on this system" /* a reason */

/* At most this many tasks are watched, and at most half of all descriptors are used for them. */
#define FAULT_EVENTS_TASKS 512

enum fault_events_level {
	FAULT_EVENTS_REFUSED, /* no task is watched: none was given, or the kernel refuses */
	FAULT_EVENTS_USER,    /* faults of user code, without those in system calls */
	FAULT_EVENTS_ALL,
};

struct fault_events {
	enum fault_events_level level;
	int signal_fd; /* readable when signals for faults are pending; -1: none */
	int clock_fd;  /* readable when signals of the clock are pending; -1: none */
	int error;     /* errno of the last refusal; 0: none */
	bool armed, clock_armed;

	/* private to the system */
	struct fault_events_task {
		int fault_fd, clock_fd; /* clock_fd -1: none */
	} *task;
	size_t n, cap, max;
};

/* Prepare to watch, and block the signals that are used. Return 0, or -1 with errno set. */
int fault_events_init(struct fault_events *f);

/*
 * Open the events of all threads of PID, for what they start from now on too. They are not armed.
 * Return 0, or -1 with errno set: EACCES or EPERM if the kernel refuses, ENOSPC at the limit of
 * tasks.
 */
int fault_events_watch(struct fault_events *f, pid_t pid);

/* Close all events, so that they are no longer inherited. */
void fault_events_unwatch(struct fault_events *f);

/* Arm or disarm the page-fault events that are open. */
void fault_events_arm(struct fault_events *f, bool on);

/* Arm or disarm the clock of all tasks that are watched. With FAULT_EVENTS_USER there is none: it
 * does not run inside system calls. */
void fault_events_arm_clock(struct fault_events *f, bool on);

/* Return the reason in words why events were refused, or NULL if they were not. */
const char *fault_events_refusal(const struct fault_events *f);

/* Return what the administrator can do about the refusal REASON: shell commands, one on each line;
 * or "". REASON is a text that fault_events_refusal returned, possibly on another system. */
const char *fault_events_advice(const char *reason);

/* Discard the pending signals for faults. Return whether there were any. */
bool fault_events_take(struct fault_events *f);

/* Discard the pending signals of the clock. */
void fault_events_take_clock(struct fault_events *f);

void fault_events_free(struct fault_events *f);

#endif
