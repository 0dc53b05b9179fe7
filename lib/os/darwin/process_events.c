/* SPDX-License-Identifier: MIT */
/*
 * Execution and exit of the processes that are watched: an event queue.
 *
 * The queue reports that a process has forked, but not the child. Then events count as lost, so that
 * the children are searched for. It gives no times: an event happened at the latest when it is taken
 * off the queue, and after the processes that were opened before.
 */
#include "os/process_events.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "os/darwin/kernel.h"

#define WATCHED (KERNEL_EXITED | KERNEL_FORKED | KERNEL_EXECUTED)
#define TAKEN 64

struct process_events_batch {
	struct process_event *v;
	size_t n, next, cap;
	bool lost;	/* since the last event that was returned */
	bool unwatched; /* there is a process that cannot be watched */
};

int process_events_open(struct process_events *e)
{
	*e = (struct process_events){.fd = kernel_queue_open()};
	if (e->fd >= 0 && e->fd <= STDERR_FILENO)
		e->fd = fd_above(e->fd, STDERR_FILENO);
	if (e->fd < 0) {
		e->error = errno;
		return -1;
	}
	e->batch = alloc_resize(NULL, 1, sizeof *e->batch);
	*e->batch = (struct process_events_batch){0};
	return 0;
}

static void add(struct process_events_batch *b, enum process_event_kind kind, pid_t pid)
{
	b->v = alloc_grow(b->v, &b->cap, b->n + 1, sizeof *b->v);
	b->v[b->n++] =
	    (struct process_event){.kind = kind, .pid = pid, .time_ns = clock_mono_ns()};
}

/* Take all events off the queue. */
static void take(struct process_events *e)
{
	struct process_events_batch *b = e->batch;
	struct kernel_event v[TAKEN];
	int n;
	while ((n = kernel_queue_take(e->fd, v, TAKEN)) > 0)
		for (int i = 0; i < n; i++) {
			if (v[i].what & KERNEL_EXECUTED)
				add(b, PROCESS_EXECUTED, v[i].pid);
			if (v[i].what & KERNEL_EXITED)
				add(b, PROCESS_EXITED, v[i].pid);
			b->lost = b->lost || (v[i].what & KERNEL_FORKED) != 0;
		}
	b->lost = b->lost || (n < 0 && errno != EINTR);
}

int process_events_watch(struct process_events *e, pid_t pid)
{
	/* Events of an earlier process with this PID must have a time before this one's. */
	take(e);
	int status = kernel_queue_watch(e->fd, pid, WATCHED);
	e->batch->lost = true; /* it may have forked before */
	if (status != 0 && errno != ESRCH)
		e->batch->unwatched = true;
	return status;
}

int process_events_next(struct process_events *e, struct process_event *event)
{
	struct process_events_batch *b = e->batch;
	if (b->next == b->n) {
		b->next = b->n = 0;
		take(e);
	}
	if (b->next < b->n) {
		*event = b->v[b->next++];
		return 1;
	}
	bool lost = b->lost || b->unwatched;
	b->lost = false;
	return lost ? -1 : 0;
}

void process_events_close(struct process_events *e)
{
	if (e->fd >= 0)
		close(e->fd);
	if (e->batch != NULL)
		free(e->batch->v);
	free(e->batch);
	*e = (struct process_events){.fd = -1};
}
