/*
 * Being woken by page faults. (Linux: perf_event_open.)
 *
 * One inherited software event for each thread that is watched; what it starts
 * later is counted too. As many faults of a task as bring FAULT_EVENTS_PERIOD_KIB in base
 * pages queue a signal to us. A second event of a short or adapted period, for the
 * few faults that huge pages take, was tried: it cost every fault as much again.
 */
#ifndef FAULT_EVENTS_H
#define FAULT_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAULT_EVENTS_PERIOD_KIB 1024 /* in base pages, of one task, for a signal */

/* So many tasks are watched at the most, with half of all descriptors at the most;
 * the rest goes unnoticed. */
#define FAULT_EVENTS_TASKS 512

enum fault_events_level {
	FAULT_EVENTS_REFUSED, /* by the kernel: no task is watched */
	FAULT_EVENTS_USER,	/* those of user code; not those in system calls */
	FAULT_EVENTS_ALL,
};

struct fault_events {
	enum fault_events_level level;
	int signal_fd; /* readable when signals wait; -1: never */
	int error;     /* why they were refused, as errno */

	/* faults.c's own */
	int *fd;
	size_t n, cap, max;
};

/* Blocks the signals. Nothing is watched yet. 0, or -1 with errno set. */
int fault_events_init(struct fault_events *f);

/* Watches all threads of PID and what they start from now on. 0, or -1 with
 * errno set: EACCES or EPERM where that is not allowed, ENOSPC above the cap. */
int fault_events_watch(struct fault_events *f, pid_t pid);

/* Whether we may watch our own processes, and those that were refused are somebody else's. */
int fault_events_of_others_refused(const struct fault_events *f);

/* What was signalled since the last call. */
struct fault_news {
	uint64_t periods; /* of FAULT_EVENTS_PERIOD_KIB each */
	int lost;	  /* the queue ran over: nobody knows how many */
};
void fault_events_take(struct fault_events *f, struct fault_news *news);

/* How many faults there were so far, of all who were ever watched and what they
 * started. */
uint64_t fault_events_count(const struct fault_events *f);

void fault_events_free(struct fault_events *f);

#endif
