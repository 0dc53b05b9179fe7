/* SPDX-License-Identifier: MIT */
/*
 * Creation, execution and exit of processes, in the order in which they happened.
 *
 * The system reports all processes (Linux: the proc connector, which needs the initial user and PID
 * namespaces and, before Linux 6.6, root), or those that are watched and their descendants (FreeBSD),
 * or only those that are watched (macOS).
 */
#ifndef PROCESS_EVENTS_H
#define PROCESS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum process_event_kind {
	PROCESS_CREATED, /* PID was created by PPID */
	PROCESS_EXECUTED,
	PROCESS_EXITED, /* its memory has been freed */
};

struct process_event {
	enum process_event_kind kind;
	pid_t pid;
	pid_t ppid;	 /* of PROCESS_CREATED */
	int64_t time_ns; /* monotonic */
};

struct process_events {
	int fd;	   /* readable when events wait; -1: not available */
	int error; /* why it is not available, as errno */
	bool creations; /* creations are reported. If not, events count as lost after a creation. */

	/* private */
	struct process_events_batch *batch;
};

/* Begin to receive events. Return 0, or -1 with errno and ERROR set. */
int process_events_open(struct process_events *e);

/* Receive the events of PID too, of which there may have been some already. Return 0, or -1 with
 * errno set: ESRCH if it has exited. Otherwise all later events count as lost. */
int process_events_watch(struct process_events *e, pid_t pid);

/*
 * Take the next event that has happened. Return 1, 0 if there is none, or -1 if events were lost:
 * what is known of the processes must be read anew from processes.h.
 */
int process_events_next(struct process_events *e, struct process_event *event);

void process_events_close(struct process_events *e);

#endif
