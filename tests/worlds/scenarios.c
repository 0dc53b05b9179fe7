/* SPDX-License-Identifier: MIT */
/*
 * Run the library on a simulated world and print what it finds, as TSV. The same scenarios are
 * linked with the code of each system, and print the same.
 * Usage: worlds.SYSTEM [-p] SCENARIO. With -p, the kernel reports no process events.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/os_poll.h"
#include "os/process.h"
#include "os/process_signal.h"
#include "os/processes.h"
#include "sample/sampler.h"
#include "sample/tree.h"
#include "world.h"

#define MANY 5000

static bool polling; /* -p */
static struct tree tree;
static unsigned ticks;

/* Make a world in which the shell has started the program 100, of 4 MiB. */
static void begin(void)
{
	world_begin();
	world.events_refused = polling;
	world_fork(40, 100);
	world_setsid(100);
	world_exec(100, "root", 4096);
}

static void begin_tree(void)
{
	begin();
	tree_init(&tree, true);
	if (tree_add(&tree, 100) != 0)
		printf("error\t%s\n", process_open_error(errno));
}

static void end_tree(void)
{
	tree_free(&tree);
	world_end();
}

static int compare_pids(const void *a, const void *b)
{
	const struct tree_process *const *x = a, *const *y = b;
	return ((*x)->process.pid > (*y)->process.pid) - ((*x)->process.pid < (*y)->process.pid);
}

/* Print the processes of the tree, in the order of their PIDs. */
static void print_tree(void)
{
	const struct tree_process **v = malloc((tree.n + 1) * sizeof *v);
	if (v == NULL)
		abort();
	for (size_t i = 0; i < tree.n; i++)
		v[i] = &tree.v[i];
	qsort(v, tree.n, sizeof *v, compare_pids);
	for (size_t i = 0; i < tree.n; i++) {
		const struct process *p = &v[i]->process;
		if (!v[i]->sampled)
			continue;
		printf("process\t%ld\t%ld\t%s\t%" PRIu64 "\t%" PRIu64 "\n", (long)p->pid,
		    (long)p->ppid, p->comm, p->rss_kib, p->hwm_kib);
	}
	free(v);
}

/* How much to print of a tick. */
enum print { NOTHING, SUM, ROWS };

static void tick(enum print print)
{
	int64_t now_ns = clock_mono_ns();
	uint64_t kib = 0;
	ticks++;
	if (print != NOTHING)
		printf("tick\t%u\n", ticks);
	if (tree_update(&tree, now_ns) < 0)
		printf("error\t%s\n", strerror(errno));
	(void)tree_read(&tree, now_ns, TREE_ALL_MARKS);
	for (size_t i = 0; i < tree.n; i++)
		kib += tree.v[i].process.rss_kib;
	if (print == SUM)
		printf("sum\t%zu\t%" PRIu64 "\n", tree.n, kib);
	if (print == ROWS)
		print_tree();
	tree_end_tick(&tree);
}

/* ---- scenarios */

static void one(void)
{
	begin_tree();
	tick(ROWS);
	world_grow(100, 9000);
	world_grow(100, 5000);
	tick(ROWS);
	end_tree();
}

static void children(void)
{
	begin_tree();
	tick(ROWS);
	world_fork(100, 101);
	world_exec(101, "child", 2000);
	world_fork(101, 102);
	world_exec(102, "grandchild", 1000);
	world_fork(40, 103); /* of the shell */
	tick(ROWS);
	world_exit(102);
	world_reap(102);
	tick(ROWS);
	end_tree();
}

/* When PID 101 is listed or about to be read, it exits. */
static void exit_101(enum world_point point, pid_t pid)
{
	if (world_find(101) == NULL || (point == WORLD_READING && pid != 101))
		return;
	world.at = NULL;
	world_exit(101);
	world_reap(101);
}

static void vanish(void)
{
	begin_tree();
	tick(ROWS);
	world_fork(100, 101);
	world_fork(100, 102);
	world_exec(102, "second", 1000);
	world.at = exit_101;
	tick(ROWS);
	tick(ROWS);
	end_tree();
}

/* As PID 101 is read, it exits, and another process gets its PID. */
static void replace_101(enum world_point point, pid_t pid)
{
	if (point != WORLD_READING || pid != 101)
		return;
	world.at = NULL;
	world_exit(101);
	world_reap(101);
	world_fork(40, 101);
	world_exec(101, "other", 777777);
}

static void reuse(void)
{
	begin_tree();
	world_fork(100, 101);
	world_exec(101, "child", 2000);
	tick(ROWS);
	world.at = replace_101;
	tick(ROWS);
	tick(ROWS);
	end_tree();
}

/* The PID of a process is given to a new process of the tree. */
static void reuse_inside(void)
{
	begin_tree();
	world_fork(100, 101);
	world_exec(101, "child", 2000);
	world_fork(40, 102);
	tick(ROWS);
	world_exit(101);
	world_reap(101);
	world_fork(100, 101);
	world_exec(101, "again", 3000);
	tick(NOTHING); /* before the exit of the old one has been found */
	tick(ROWS);
	end_tree();
}

static void many(void)
{
	begin_tree();
	for (pid_t pid = 1000; pid < 1000 + MANY; pid++)
		world_fork(pid % 10 == 0 ? 100 : pid - 1, pid);
	tick(SUM);
	for (pid_t pid = 1000; pid < 1000 + MANY; pid += 2)
		world_grow(pid, 5000);
	tick(SUM);
	for (pid_t pid = 1009; pid < 1000 + MANY; pid += 10) {
		world_exit(pid);
		world_reap(pid);
	}
	tick(SUM);
	end_tree();
}

/* The kernel refuses to report on a child that belongs to another user. */
static void refused(void)
{
	begin_tree();
	struct world_process *p = world_fork(100, 101);
	p->owner = 0;
	p->hidden = true;
	world_fork(100, 102);
	world_exec(102, "second", 1000);
	tick(ROWS);
	for (pid_t pid = 101; pid <= 999; pid += 898)
		if (tree_add(&tree, pid) != 0)
			printf("error\t%ld\t%s\n", (long)pid,
			    errno == EACCES ? "refused" : errno == ESRCH ? "missing" : "failed");
	end_tree();
}

static void zombie(void)
{
	begin_tree();
	world_fork(100, 101);
	world_exec(101, "child", 2000);
	tick(ROWS);
	world_exit(101);
	tick(ROWS);
	world_reap(101);
	tick(ROWS);
	end_tree();
}

static void exec(void)
{
	begin_tree();
	world_grow(100, 8000);
	tick(ROWS);
	world_exec(100, "next", 1500);
	tick(ROWS);
	end_tree();
}

/* A child that was sampled becomes a daemon, and one that was not: in the process group of the tree
 * it is found, too. */
static void daemon_of_tree(void)
{
	begin_tree();
	world_fork(100, 101);
	world_fork(101, 102);
	world_exec(102, "daemon", 3000);
	tick(ROWS);
	world_exit(101);
	world_reap(101);
	world_setsid(102);
	tick(ROWS);
	world_fork(100, 103);
	world_fork(103, 104);
	world_exec(104, "late", 4000);
	world_exit(103);
	world_reap(103);
	world_fork(1, 105); /* not of the tree */
	world_setsid(105);
	tick(NOTHING); /* the parent of 104 can be the one that it was created by */
	tick(ROWS);
	end_tree();
}

static void root_exits(void)
{
	begin_tree();
	world_fork(100, 101);
	world_exec(101, "child", 2000);
	tick(ROWS);
	world_exit(100);
	world_reap(100);
	tick(ROWS);
	world_exit(101);
	world_reap(101);
	tick(ROWS);
	end_tree();
}

/* ---- the sampler */

/* This takes the place of the system's. */
int os_poll(struct pollfd *fds, size_t n, const struct timespec *timeout, const sigset_t *mask)
{
	int64_t ms = timeout != NULL ? timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000 + 1 : -1;
	(void)mask;
	world_reach(WORLD_WAITING, 0);
	return poll(fds, (nfds_t)n, (int)ms);
}

/* Change the world from time to time while the sampler waits. */
static void change(enum world_point point, pid_t pid)
{
	static unsigned n;
	(void)pid;
	if (point != WORLD_WAITING)
		return;
	switch (++n) {
	case 10:
		world_fork(100, 101);
		world_exec(101, "child", 6000);
		break;
	case 20:
		world_grow(101, 7000);
		break;
	case 30:
		world_exit(101);
		world_reap(101);
		break;
	case 40:
		world_exit(100);
		world_reap(100);
		break;
	}
}

static void sampler(void)
{
	const pid_t root = 100;
	struct sampler_options o = {.schedule = SCHEDULE_FIXED,
	    .interval_ns = 1000000,
	    .cpu_share = 1,
	    .descendants = true};
	begin();
	world.at = change;
	const char *why = sample_columns_set(&o.columns, "time,pid,ppid,rss,hwm,threads,cpu_ms,cmd,comm");
	if (why != NULL)
		printf("error\t%s\n", why);
	printf("status\t%d\n", sampler_run(&o, &root, 1));
	world_end();
}

/* One row, with the columns that samples have by default and others. */
static void columns(void)
{
	const pid_t root = 100;
	struct sampler_options o = {.schedule = SCHEDULE_FIXED,
	    .interval_ns = 1000000,
	    .cpu_share = 1,
	    .ticks = 1,
	    .header = true};
	begin();
	struct world_process *p = world_find(100);
	p->swap_kib = 300;
	p->footprint_kib = 3000;
	p->footprint_mark_kib = 5000;
	p->mark_kib = 5000;
	p->threads = 3;
	p->cpu_us = 1230000;
	p->read_kib = 70;
	p->write_kib = 80;
	sample_columns_default(&o.columns);
	(void)sample_columns_add(&o.columns, "footprint,pss,threads,cpu_ms,read,write,cmd");
	printf("status\t%d\n", sampler_run(&o, &root, 1));
	world_end();
}

/* ---- handles for signals */

static void handle(void)
{
	begin();
	world.events_refused = false;
	int h = process_signal_open(100);
	printf("opened\t%d\n", h >= 0);
	printf("exited\t%d\n", process_signal_exited(h));
	printf("sent\t%d\n", process_signal_send(h, 0));
	world_exit(100);
	printf("exited\t%d\n", process_signal_exited(h));
	world_reap(100);
	world_fork(40, 100);
	printf("sent\t%d\n", process_signal_send(h, 9));
	printf("state\t%d\n", world_find(100)->state);
	close(h);
	printf("opened\t%d\n", process_signal_open(999) >= 0);
	world_end();
}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
    {"one", one},
    {"children", children},
    {"vanish", vanish},
    {"reuse", reuse},
    {"reuse-inside", reuse_inside},
    {"many", many},
    {"refused", refused},
    {"zombie", zombie},
    {"exec", exec},
    {"daemon", daemon_of_tree},
    {"root-exits", root_exits},
    {"sampler", sampler},
    {"columns", columns},
    {"handle", handle},
};

int main(int argc, char **argv)
{
	int at = 1;
	if (argc > 1 && strcmp(argv[1], "-p") == 0) {
		polling = true;
		at = 2;
	}
	for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
		if (argc == at + 1 && strcmp(argv[at], scenarios[i].name) != 0)
			continue;
		ticks = 0;
		printf("scenario\t%s\n", scenarios[i].name);
		fflush(stdout);
		scenarios[i].run();
	}
	return fflush(stdout) != 0;
}
