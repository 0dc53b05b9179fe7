/* SPDX-License-Identifier: MIT */
/* The kernel below lib/os/freebsd, simulated: kern.proc, and a queue of process events. */
#include "os/freebsd/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/pidmap.h"
#include "world.h"

static struct pidmap watched;

static int fail(int error)
{
	errno = error;
	return -1;
}

/* ---- processes */

/* A zombie shows no memory, but what it has used. */
int kernel_process(pid_t pid, struct kernel_process *p)
{
	world_reach(WORLD_READING, pid);
	const struct world_process *w = world_find(pid);
	if (w == NULL || w->hidden)
		return fail(ESRCH);
	*p = (struct kernel_process){
	    .ppid = w->ppid,
	    .uid = w->owner,
	    .start_us = (int64_t)w->start_us,
	    .space = w->serial,
	    .zombie = w->state == WORLD_ZOMBIE,
	    .stopped = w->state == WORLD_STOPPED,
	    .rss_kib = w->rss_kib,
	    .vsz_kib = w->vsz_kib,
	    .mark_kib = w->mark_kib,
	    .threads = w->threads,
	    .faults = w->faults,
	    .cpu_us = w->cpu_us,
	};
	(void)snprintf(p->name, sizeof p->name, "%.*s", (int)sizeof p->name - 1, w->name);
	return 0;
}

int kernel_processes(struct kernel_id **v, size_t *n)
{
	*v = alloc_resize(NULL, world.n, sizeof **v);
	*n = 0;
	for (size_t i = 0; i < world.n; i++)
		if (world.v[i].state != WORLD_REAPED && !world.v[i].hidden)
			(*v)[(*n)++] = (struct kernel_id){world.v[i].pid, world.v[i].ppid};
	world_reach(WORLD_LISTED, 0);
	return 0;
}

long kernel_arguments(pid_t pid, char *text, size_t size)
{
	const struct world_process *w = world_find(pid);
	if (w == NULL || w->hidden)
		return fail(ESRCH);
	size_t n = strlen(w->command);
	n = n == 0 ? 0 : n + 1 < size ? n + 1 : size;
	memcpy(text, w->command, n);
	for (size_t i = 0; i < n; i++)
		if (text[i] == ' ')
			text[i] = '\0';
	return (long)n;
}

int kernel_program(pid_t pid, char *path, size_t size)
{
	(void)pid, (void)path, (void)size;
	return fail(ENOENT);
}

int kernel_regions(pid_t pid, uint64_t *n)
{
	(void)pid, (void)n;
	return fail(EPERM);
}

int64_t kernel_cpu_ns(pid_t pid)
{
	const struct world_process *w = world_find(pid);
	return w != NULL ? (int64_t)w->cpu_us * 1000 : 0;
}

size_t kernel_descriptors(int **fds)
{
	*fds = NULL;
	return 0;
}

uint64_t kernel_pipe(pid_t pid, int fd)
{
	(void)pid, (void)fd;
	return 0;
}

int64_t kernel_boot_us(void)
{
	return 0;
}

uint64_t kernel_free_kib(void)
{
	return 0;
}

/* ---- events */

/* There is one queue at a time. */
int kernel_queue(void)
{
	pidmap_free(&watched);
	return world.events_refused ? fail(ENOMEM) : dup(world_event_fd());
}

int kernel_queue_watch(int queue, pid_t pid)
{
	const struct world_process *w = world_find(pid);
	(void)queue;
	if (w == NULL || w->hidden)
		return fail(ESRCH);
	pidmap_set(&watched, pid, 0);
	return 0;
}

/* Return whether the event is of a watched process, or of a child of one, which is watched from now
 * on. */
static bool is_seen(const struct world_event *w)
{
	pid_t pid = w->kind == WORLD_CREATED ? w->ppid : w->pid;
	if (pidmap_get(&watched, pid) == PIDMAP_NONE)
		return false;
	if (w->kind == WORLD_CREATED)
		pidmap_set(&watched, w->pid, 0);
	if (w->kind == WORLD_EXITED)
		pidmap_remove(&watched, w->pid);
	return true;
}

/* The kernel reports one event of a process at a time, with all that has happened to it since; the
 * creation is one of its own. */
int kernel_queue_take(int queue, struct kernel_event *v, int n)
{
	const struct world_event *w;
	int got = 0, last;
	(void)queue;
	while (got < n && (w = world_take_event()) != NULL) {
		if (!is_seen(w))
			continue;
		for (last = got - 1; last >= 0 && (v[last].pid != w->pid || v[last].created);
		     last--)
			;
		if (last < 0 || w->kind == WORLD_CREATED) {
			last = got++;
			v[last] = (struct kernel_event){.pid = w->pid, .ppid = w->ppid};
		}
		v[last].created = w->kind == WORLD_CREATED;
		v[last].executed = v[last].executed || w->kind == WORLD_EXECUTED;
		v[last].exited = v[last].exited || w->kind == WORLD_EXITED;
	}
	return got;
}

int kernel_exit_queue(pid_t pid)
{
	int fd = world_exit_fd(pid);
	return fd >= 0 ? fd : fail(ESRCH);
}
