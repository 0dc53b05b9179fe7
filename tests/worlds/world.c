/* SPDX-License-Identifier: MIT */
/* A simulated world of processes. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define STEP_US 10000
#define SHELL 40

struct world world;
static int queue[2] = {-1, -1}; /* a pipe that holds a byte while there are events */

static void *grow(void *v, size_t *cap, size_t n, size_t size)
{
	if (n <= *cap)
		return v;
	*cap = *cap == 0 ? 64 : *cap * 2;
	v = realloc(v, *cap * size);
	if (v == NULL)
		abort();
	return v;
}

static void close_exit_fd(struct world_process *p)
{
	if (p->exit_fd > 0)
		close(p->exit_fd);
	p->exit_fd = 0;
}

void world_begin(void)
{
	world_end();
	if (pipe(queue) != 0 || fcntl(queue[0], F_SETFL, O_NONBLOCK) != 0)
		abort();
	world.now_us = 1000000;
	world_fork(0, 1);
	world_setsid(1);
	world_fork(1, SHELL);
	world_setsid(SHELL);
	world_fork(SHELL, WORLD_SELF);
	world.events_n = 0;
}

void world_end(void)
{
	if (queue[0] >= 0) {
		close(queue[0]);
		close(queue[1]);
	}
	queue[0] = queue[1] = -1;
	for (size_t i = 0; i < world.n; i++)
		close_exit_fd(&world.v[i]);
	free(world.v);
	free(world.events);
	world = (struct world){0};
}

/* ---- processes */

struct world_process *world_find(pid_t pid)
{
	for (size_t i = world.n; i-- > 0;)
		if (world.v[i].pid == pid && world.v[i].state != WORLD_REAPED)
			return &world.v[i];
	return NULL;
}

struct world_process *world_find_serial(uint64_t serial)
{
	for (size_t i = world.n; i-- > 0;)
		if (world.v[i].serial == serial)
			return world.v[i].state != WORLD_REAPED ? &world.v[i] : NULL;
	return NULL;
}

static struct world_process *existing(pid_t pid)
{
	struct world_process *p = world_find(pid);
	if (p == NULL) {
		fprintf(stderr, "world: PID %ld does not exist\n", (long)pid);
		abort();
	}
	return p;
}

static void add_event(enum world_event_kind kind, const struct world_process *p)
{
	char byte = 0;
	if (world.events_taken == world.events_n && write(queue[1], &byte, 1) != 1)
		abort();
	world.events =
	    grow(world.events, &world.events_cap, world.events_n + 1, sizeof *world.events);
	const struct world_process *parent = world_find(p->ppid);
	world.events[world.events_n++] = (struct world_event){kind, p->pid, p->ppid, p->serial,
	    parent != NULL ? parent->serial : 0, clock_mono_ns()};
}

struct world_process *world_fork(pid_t ppid, pid_t pid)
{
	struct world_process new = {.name = "init", .owner = WORLD_USER, .threads = 1};
	if (world_find(pid) != NULL)
		abort();
	if (ppid != 0)
		new = *existing(ppid);
	if (ppid == 1)
		(void)snprintf(new.name, sizeof new.name, "sh");
	world.now_us += STEP_US;
	new.pid = pid;
	new.ppid = ppid;
	new.serial = world.n + 1;
	new.start_us = world.now_us;
	new.exit_fd = 0;
	new.faults = 1; /* it has run */
	new.cpu_us = new.read_kib = new.write_kib = 0;
	new.mark_kib = new.rss_kib;
	new.footprint_mark_kib = new.footprint_kib;
	world.v = grow(world.v, &world.cap, world.n + 1, sizeof *world.v);
	world.v[world.n++] = new;
	add_event(WORLD_CREATED, &world.v[world.n - 1]);
	return &world.v[world.n - 1];
}

static void set_memory(struct world_process *p, uint64_t rss_kib)
{
	uint64_t more = rss_kib > p->rss_kib ? rss_kib - p->rss_kib : 0;
	p->faults += more / 4;
	p->rss_kib = rss_kib;
	p->vsz_kib = 4 * rss_kib;
	p->footprint_kib = rss_kib;
	if (p->mark_kib < rss_kib)
		p->mark_kib = rss_kib;
	if (p->footprint_mark_kib < p->footprint_kib)
		p->footprint_mark_kib = p->footprint_kib;
}

void world_grow(pid_t pid, uint64_t rss_kib)
{
	set_memory(existing(pid), rss_kib);
}

void world_exec(pid_t pid, const char *name, uint64_t rss_kib)
{
	struct world_process *p = existing(pid);
	(void)snprintf(p->name, sizeof p->name, "%s", name);
	(void)snprintf(p->command, sizeof p->command, "%s --option", name);
	p->rss_kib = p->mark_kib = p->footprint_mark_kib = 0;
	set_memory(p, rss_kib);
	p->threads = 1;
	add_event(WORLD_EXECUTED, p);
}

void world_exit(pid_t pid)
{
	struct world_process *p = existing(pid);
	p->state = WORLD_ZOMBIE;
	close_exit_fd(p);
	p->rss_kib = p->vsz_kib = p->swap_kib = p->footprint_kib = 0;
	for (size_t i = 0; i < world.n; i++)
		if (world.v[i].ppid == pid && world.v[i].state != WORLD_REAPED)
			world.v[i].ppid = 1;
	add_event(WORLD_EXITED, p);
}

void world_reap(pid_t pid)
{
	existing(pid)->state = WORLD_REAPED;
}

void world_setsid(pid_t pid)
{
	struct world_process *p = existing(pid);
	p->group = p->session = pid;
}

/* ---- points and events */

void world_reach(enum world_point point, pid_t pid)
{
	world.reads += point == WORLD_READING;
	if (world.at != NULL)
		world.at(point, pid);
}

const struct world_event *world_take_event(void)
{
	char byte;
	if (world.events_taken == world.events_n)
		return NULL;
	if (++world.events_taken == world.events_n && read(queue[0], &byte, 1) != 1)
		abort();
	return &world.events[world.events_taken - 1];
}

int world_exit_fd(pid_t pid)
{
	struct world_process *p = world_find(pid);
	int fds[2];
	if (p == NULL || p->exit_fd > 0 || pipe(fds) != 0)
		return -1;
	p->exit_fd = fds[1]; /* closed at the exit */
	if (p->state == WORLD_ZOMBIE)
		close_exit_fd(p);
	return fds[0];
}

int world_event_fd(void)
{
	return queue[0];
}

/* ---- system calls */

pid_t getpid(void)
{
	return WORLD_SELF;
}

static pid_t no_process(void)
{
	errno = ESRCH;
	return -1;
}

pid_t getpgid(pid_t pid)
{
	const struct world_process *p = world_find(pid != 0 ? pid : WORLD_SELF);
	return p != NULL ? p->group : no_process();
}

pid_t getpgrp(void)
{
	return getpgid(0);
}

pid_t getsid(pid_t pid)
{
	const struct world_process *p = world_find(pid != 0 ? pid : WORLD_SELF);
	return p != NULL ? p->session : no_process();
}

int kill(pid_t pid, int sig)
{
	struct world_process *p = world_find(pid);
	if (p == NULL)
		return no_process();
	if (p->owner != WORLD_USER) {
		errno = EPERM;
		return -1;
	}
	if (sig == SIGCONT && p->state == WORLD_STOPPED)
		p->state = WORLD_RUNNING;
	if (sig == SIGKILL && p->state != WORLD_ZOMBIE)
		world_exit(pid);
	return 0;
}
