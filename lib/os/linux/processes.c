/* SPDX-License-Identifier: MIT */
/* The processes of the system: /proc. */
#include "os/processes.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pidmap.h"
#include "os/linux/kernel.h"
#include "os/linux/procfs.h"
#include "os/posix/arguments.h"
#include "os/process.h"

#define PIDS_MOST (4L << 20) /* the largest pid_max that a kernel accepts */
#define PIDS_RESERVED 299    /* when PIDs start again, these are not given out */

const char *processes_unavailable(void)
{
	if (procfs_is_ours())
		return NULL;
	return !kernel_has("stat")
		   ? "/proc is not mounted: run mount -t proc proc /proc"
		   : "/proc is of another PID namespace: start with unshare --mount-proc";
}

const char *processes_source(void)
{
	return "/proc";
}

bool processes_have_reapers(void)
{
	return true;
}

pid_t processes_parent(pid_t pid)
{
	struct procfs_stat st;
	return procfs_stat(pid, &st) == 0 ? st.ppid : -1;
}

/* Return whether the kernel places programs at random. */
static bool places_at_random(void)
{
	char text[8] = "";
	int fd = kernel_open("sys/kernel/randomize_va_space");
	if (fd < 0)
		return false;
	(void)procfs_read(fd, text, sizeof text);
	close(fd);
	return text[0] > '0';
}

/* Fields 26 and 28 of stat are the addresses of the program and of its stack. The latter is 0 if
 * they are hidden from this process. */
uint64_t processes_image(pid_t pid)
{
	char text[1024];
	uint64_t code = 0, stack = 0;
	const char *s = procfs_get(pid, "stat", text, sizeof text) > 0 ? strrchr(text, ')') : NULL;
	for (int field = 2; s != NULL && field < 28; field++) {
		s = strchr(s + 1, ' ');
		if (s != NULL && field + 1 == 26)
			code = strtoull(s + 1, NULL, 10);
		else if (s != NULL && field + 1 == 28)
			stack = strtoull(s + 1, NULL, 10);
	}
	return stack != 0 && places_at_random() ? code * 31 + stack : 0;
}

bool processes_share_groups(pid_t a, pid_t b)
{
	char text[2][4096];
	long n = procfs_get(a, "cgroup", text[0], sizeof text[0]);
	return n >= 0 && procfs_get(b, "cgroup", text[1], sizeof text[1]) == n &&
	       strcmp(text[0], text[1]) == 0;
}

/* Append the children of one thread of PID. NAME is its file `children`, which can be longer than
 * any buffer: a number may continue in the next read. */
static int children_of_thread(struct process_list *l, const char *name, pid_t pid)
{
	int fd = kernel_open(name);
	if (fd < 0)
		return errno == ESRCH ? 0 : -1;
	char text[4096];
	ssize_t n;
	long number = 0;
	for (off_t at = 0; (n = kernel_read(fd, text, sizeof text, at)) > 0; at += n) {
		for (ssize_t i = 0; i < n; i++) {
			if (isdigit((unsigned char)text[i])) {
				number = number * 10 + (text[i] - '0');
			} else if (number > 0) {
				process_list_add(l, (pid_t)number, pid);
				number = 0;
			}
		}
	}
	int failed = n < 0 && errno != ESRCH;
	close(fd);
	return failed ? -1 : 0;
}

int processes_children(struct process_list *l, pid_t pid)
{
	char name[KERNEL_NAME_MAX];
	snprintf(name, sizeof name, "%ld/task", (long)pid);
	struct kernel_folder *f = kernel_folder_open(name);
	if (f == NULL)
		return errno == ENOENT ? 0 : -1;
	bool refused = false;
	for (pid_t id; (id = kernel_folder_next(f)) > 0;) {
		int length = snprintf(name, sizeof name, "%ld/task/%ld", (long)pid, (long)id);
		snprintf(name + length, sizeof name - (size_t)length, "/children");
		if (children_of_thread(l, name, pid) == 0)
			continue;
		/* A thread that has exited meanwhile has no list either. */
		name[length] = '\0';
		refused = refused || kernel_has(name);
	}
	refused = refused || errno != 0;
	kernel_folder_close(f);
	return refused ? -1 : 0;
}

int processes_all(struct process_list *l, const struct pidmap *known)
{
	struct kernel_folder *f = kernel_folder_open("");
	if (f == NULL)
		return -1;
	int why = 0;
	for (pid_t pid; (pid = kernel_folder_next(f)) > 0;) {
		if (known != NULL && pidmap_get(known, pid) != PIDMAP_NONE)
			continue;
		pid_t ppid = processes_parent(pid);
		if (ppid >= 0)
			process_list_add(l, pid, ppid);
		else if (!process_is_out_of_reach(errno))
			why = errno;
	}
	why = errno != 0 ? errno : why;
	kernel_folder_close(f);
	errno = why;
	return why != 0 ? -1 : 0;
}

long processes_command_line(pid_t pid, char *text, size_t size)
{
	long n = procfs_get(pid, "cmdline", text, size);
	arguments_join(text, n);
	return n;
}

bool processes_children_are_cheaper(size_t n, size_t tasks)
{
	/* A process takes about 25 us in processes_children (a folder, and a file for each
	 * thread) and about 11 us in processes_all (a name, and its stat). */
	return n * 2 < tasks;
}

/* ---- creations, from the last number in /proc/loadavg: the newest PID */

/* The largest PID that the kernel gives out. */
static pid_t largest_pid(void)
{
	char text[32];
	int fd = kernel_open("sys/kernel/pid_max");
	long n = fd >= 0 ? procfs_read(fd, text, sizeof text) : -1;
	long end = n > 0 ? strtol(text, NULL, 10) : 0;
	if (fd >= 0)
		close(fd);
	return (pid_t)(end > 1 && end < PIDS_MOST ? end : PIDS_MOST) - 1;
}

/* Read /proc/loadavg, `0.20 0.18 0.12 1/80 11206`, from FD. Return 0, or -1 if that fails. */
static int read_loadavg(int fd, size_t *tasks, pid_t *newest)
{
	char text[128];
	long pid;
	if (fd < 0 || procfs_read(fd, text, sizeof text) <= 0 ||
	    sscanf(text, "%*s %*s %*s %*d/%zu %ld", tasks, &pid) != 2)
		return -1;
	*newest = (pid_t)pid;
	return 0;
}

size_t processes_tasks(void)
{
	size_t tasks = 0;
	pid_t newest;
	int fd = kernel_open("loadavg");
	if (read_loadavg(fd, &tasks, &newest) != 0)
		tasks = 0;
	if (fd >= 0)
		close(fd);
	return tasks;
}

void process_creations_start(struct process_creations *c)
{
	*c = (struct process_creations){.fd = -1};
}

static size_t count_between(pid_t from, pid_t to)
{
	pid_t n = from <= to ? to - from : largest_pid() - from + to - PIDS_RESERVED;
	return n > 0 ? (size_t)n : 0;
}

void process_creations_update(struct process_creations *c)
{
	size_t tasks;
	pid_t newest;
	c->known = false;
	if (c->fd < 0)
		c->fd = kernel_open("loadavg");
	/* A first number below our own PID belongs to another namespace, or is not a PID. Later,
	 * the numbers may have started again. */
	if (read_loadavg(c->fd, &tasks, &newest) != 0 || newest < (c->newest > 0 ? 1 : getpid()))
		return;
	c->tasks = tasks;
	c->known = c->newest > 0;
	c->restarted = newest < c->newest;
	if (c->known) {
		c->count = count_between(c->newest, newest);
		c->first = c->newest + 1;
	}
	c->newest = c->last = newest;
}

bool process_creations_include(const struct process_creations *c, pid_t pid)
{
	if (!c->known)
		return false;
	if (c->restarted)
		return pid >= c->first || pid <= c->last;
	return pid >= c->first && pid <= c->last;
}

void process_creations_end(struct process_creations *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
