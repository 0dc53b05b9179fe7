/* SPDX-License-Identifier: MIT */
/* The kernel below lib/os/darwin, simulated. */
#include "os/darwin/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

static int fail(int error)
{
	errno = error;
	return -1;
}

/* ---- processes */

/* Zombies are not listed. */
long kernel_list(pid_t ppid, pid_t *v, size_t most)
{
	long n = 0;
	for (size_t i = 0; i < world.n; i++) {
		const struct world_process *p = &world.v[i];
		if (p->state == WORLD_REAPED || p->state == WORLD_ZOMBIE ||
		    (ppid > 0 && p->ppid != ppid))
			continue;
		if ((size_t)n < most)
			v[n] = p->pid;
		n++;
	}
	world_reach(WORLD_LISTED, ppid > 0 ? ppid : 0);
	return n;
}

int kernel_process(pid_t pid, struct kernel_process *k)
{
	world_reach(WORLD_READING, pid);
	const struct world_process *p = world_find(pid);
	if (p == NULL)
		return fail(ESRCH);
	*k = (struct kernel_process){
	    .ppid = p->ppid,
	    .group = p->group,
	    .owner = p->owner,
	    .zombie = p->state == WORLD_ZOMBIE,
	    .stopped = p->state == WORLD_STOPPED,
	};
	return 0;
}

/* Return PID, or NULL with errno set if this user may not read all of it. */
static const struct world_process *find_own(pid_t pid, bool zombies)
{
	world_reach(WORLD_READING, pid);
	const struct world_process *p = world_find(pid);
	if (p == NULL || (p->state == WORLD_ZOMBIE && !zombies))
		errno = ESRCH;
	else if (p->owner != WORLD_USER)
		errno = EPERM;
	else
		return p;
	return NULL;
}

int kernel_task(pid_t pid, struct kernel_task *t)
{
	const struct world_process *p = find_own(pid, false);
	if (p == NULL)
		return -1;
	*t = (struct kernel_task){
	    .vsz_bytes = p->vsz_kib * 1024,
	    .threads = p->threads,
	    .faults = p->faults,
	    .start_us = (int64_t)p->start_us,
	};
	(void)snprintf(t->name, sizeof t->name, "%.31s", p->name);
	return 0;
}

int kernel_usage(pid_t pid, struct kernel_usage *u)
{
	const struct world_process *p = find_own(pid, true);
	if (p == NULL)
		return -1;
	*u = (struct kernel_usage){
	    .start = p->start_us,
	    .exited = p->state == WORLD_ZOMBIE,
	    .rss_bytes = p->rss_kib * 1024,
	    .footprint_bytes = p->footprint_kib * 1024,
	    .footprint_max_bytes = p->footprint_mark_kib * 1024,
	    .cpu_ns = (int64_t)p->cpu_us * 1000,
	    .read_bytes = p->read_kib * 1024,
	    .write_bytes = p->write_kib * 1024,
	};
	return 0;
}

/* The number of arguments, the file, padding, the arguments, the environment. */
long kernel_arguments(pid_t pid, char *text, size_t size)
{
	const struct world_process *p = find_own(pid, false);
	char all[1024];
	int count = 1;
	if (p == NULL)
		return -1;
	memcpy(all + sizeof count, "/bin/program\0\0\0", 15);
	size_t from = sizeof count + 15, n = from;
	n += (size_t)snprintf(all + n, sizeof all - n, "%s", p->command) + 1;
	for (size_t i = from; i + 1 < n; i++)
		if (all[i] == ' ') {
			all[i] = '\0';
			count++;
		}
	memcpy(all, &count, sizeof count);
	memcpy(all + n, "HOME=/", 7);
	n += 7;
	n = n < size ? n : size;
	memcpy(text, all, n);
	return (long)n;
}

long kernel_program(pid_t pid, char *text, size_t size)
{
	const struct world_process *p = world_find(pid);
	return p != NULL ? snprintf(text, size, "/bin/%s", p->name) : fail(ESRCH);
}

uint64_t kernel_pipe(pid_t pid, int fd)
{
	(void)pid, (void)fd;
	return 0;
}

/* ---- the event queue */

/* The processes that are watched for more than their exit. There is one such queue. */
static uint64_t watched[8192]; /* serial numbers */
static size_t watched_n;

int kernel_queue_open(void)
{
	watched_n = 0;
	return world.events_refused ? fail(EMFILE) : fcntl(world_event_fd(), F_DUPFD_CLOEXEC, 0);
}

int kernel_queue_watch(int queue, pid_t pid, unsigned what)
{
	const struct world_process *p = world_find(pid);
	if (p == NULL || p->state == WORLD_ZOMBIE)
		return fail(ESRCH);
	if (what == KERNEL_EXITED) {
		int fd = world_exit_fd(pid);
		int status = dup2(fd, queue) < 0 ? -1 : 0;
		close(fd);
		return status;
	}
	if (watched_n == sizeof watched / sizeof *watched)
		return fail(ENOMEM);
	watched[watched_n++] = p->serial;
	return 0;
}

static bool is_watched(uint64_t serial)
{
	for (size_t i = 0; i < watched_n; i++)
		if (watched[i] == serial)
			return true;
	return false;
}

int kernel_queue_take(int queue, struct kernel_event *v, int most)
{
	static const unsigned what[] = {[WORLD_CREATED] = KERNEL_FORKED,
	    [WORLD_EXECUTED] = KERNEL_EXECUTED,
	    [WORLD_EXITED] = KERNEL_EXITED};
	int n = 0;
	(void)queue;
	for (const struct world_event *e; n < most && (e = world_take_event()) != NULL;) {
		bool created = e->kind == WORLD_CREATED;
		if (is_watched(created ? e->parent : e->serial))
			v[n++] = (struct kernel_event){
			    .pid = created ? e->ppid : e->pid, .what = what[e->kind]};
	}
	return n;
}

/* ---- the machine */

uint64_t kernel_free_bytes(void)
{
	return 0;
}
