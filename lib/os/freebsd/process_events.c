/* SPDX-License-Identifier: MIT */
/* Creation, execution and exit of the processes that are watched, and of their descendants. */
#include "os/process_events.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/pidmap.h"
#include "os/freebsd/kernel.h"

/* The kernel reports events in batches: all creations of a batch are before its other events. */
#define BATCH 64

struct process_events_batch {
	struct kernel_event v[BATCH];
	int n, next;
	bool creations;	       /* NEXT goes through the creations of V */
	bool executed;	       /* the execution of NEXT was reported */
	int64_t time_ns;       /* when V was taken */
	struct pidmap watched; /* by us, or by the kernel as a descendant */
	bool lost;
};

int process_events_open(struct process_events *e)
{
	*e = (struct process_events){.fd = kernel_queue(), .creations = true};
	if (e->fd < 0) {
		e->error = errno;
		return -1;
	}
	e->batch = alloc_resize(NULL, 1, sizeof *e->batch);
	*e->batch = (struct process_events_batch){.n = 0};
	return 0;
}

/* The process may have created others before: these are lost. */
int process_events_watch(struct process_events *e, pid_t pid)
{
	struct process_events_batch *b = e->batch;
	if (pidmap_get(&b->watched, pid) != PIDMAP_NONE)
		return 0;
	b->lost = true;
	if (kernel_queue_watch(e->fd, pid) != 0)
		return -1;
	pidmap_set(&b->watched, pid, 0);
	return 0;
}

static bool has_exit(const struct process_events_batch *b, pid_t pid)
{
	for (int i = 0; i < b->n; i++)
		if (b->v[i].exited && b->v[i].pid == pid)
			return true;
	return false;
}

/*
 * Note in the map of watched processes what the batch reports, and whether it is complete. The
 * creation of one that was found without it is no news. If the batch has its exit, too, the PID may
 * have been given to another process since.
 */
static void note_batch(struct process_events_batch *b)
{
	for (int i = 0; i < b->n; i++) {
		struct kernel_event *k = &b->v[i];
		b->lost = b->lost || k->lost;
		if (k->created && pidmap_get(&b->watched, k->pid) != PIDMAP_NONE) {
			b->lost = b->lost || has_exit(b, k->pid);
			k->created = false;
		}
		if (k->created)
			pidmap_set(&b->watched, k->pid, 0);
	}
	for (int i = 0; i < b->n; i++)
		if (b->v[i].exited)
			pidmap_remove(&b->watched, b->v[i].pid);
}

/* Take the events that wait. Return false if there are none. */
static bool take_batch(struct process_events_batch *b, int queue)
{
	b->n = kernel_queue_take(queue, b->v, BATCH);
	b->next = 0;
	b->creations = true;
	b->time_ns = clock_mono_ns();
	if (b->n <= 0)
		return false;
	note_batch(b);
	return true;
}

/* Return the next event of the batch, or false. */
static bool next(struct process_events_batch *b, struct process_event *event)
{
	for (; b->next < b->n; b->next++) {
		const struct kernel_event *k = &b->v[b->next];
		*event =
		    (struct process_event){.pid = k->pid, .ppid = k->ppid, .time_ns = b->time_ns};
		if (k->created != b->creations)
			continue;
		if (k->created) {
			event->kind = PROCESS_CREATED;
			b->next++;
			return true;
		}
		event->kind = k->executed && !b->executed ? PROCESS_EXECUTED : PROCESS_EXITED;
		if (event->kind == PROCESS_EXECUTED) {
			b->executed = true; /* it may have exited, too */
			return true;
		}
		b->executed = false;
		if (k->exited) {
			b->next++;
			return true;
		}
	}
	if (!b->creations)
		return false;
	b->creations = false;
	b->next = 0;
	return next(b, event);
}

int process_events_next(struct process_events *e, struct process_event *event)
{
	struct process_events_batch *b = e->batch;
	if (e->fd < 0)
		return 0;
	do
		if (next(b, event))
			return 1;
	while (take_batch(b, e->fd));
	if (!b->lost)
		return 0;
	b->lost = false;
	return -1;
}

void process_events_close(struct process_events *e)
{
	if (e->fd >= 0)
		close(e->fd);
	if (e->batch != NULL)
		pidmap_free(&e->batch->watched);
	free(e->batch);
	*e = (struct process_events){.fd = -1};
}
