/* SPDX-License-Identifier: MIT */
/* The processes of the system. */
#include "os/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pidmap.h"
#include "os/darwin/kernel.h"
#include "os/darwin/process_arguments.h"
#include "os/posix/arguments.h"
#include "os/process.h"

/* For a list of children, the kernel goes through all processes, which is cheap; the list of all
 * takes a system call for each. */
#define CHILDREN_MOST 32

#define ROOM 64 /* for processes that are created while the list is read */

const char *processes_unavailable(void)
{
	return NULL;
}

const char *processes_source(void)
{
	return "processes";
}

bool processes_have_reapers(void)
{
	return false;
}

pid_t processes_parent(pid_t pid)
{
	struct kernel_process k;
	return kernel_process(pid, &k) == 0 ? k.ppid : -1;
}

uint64_t processes_image(pid_t pid)
{
	(void)pid;
	return 0;
}

bool processes_share_groups(pid_t a, pid_t b)
{
	(void)a, (void)b;
	return false;
}

/* Return the PIDs of all processes, or of the children of PPID, and set *N. The caller frees them.
 * Return NULL with errno set if that fails. */
static pid_t *list(pid_t ppid, size_t *n)
{
	pid_t *v = NULL;
	long found = 0;
	for (size_t room = 0; found >= (long)room;) {
		room = (size_t)found + ROOM;
		v = alloc_resize(v, room, sizeof *v);
		found = kernel_list(ppid, v, room);
	}
	if (found < 0) {
		free(v);
		return NULL;
	}
	*n = (size_t)found;
	return v;
}

int processes_children(struct process_list *l, pid_t pid)
{
	size_t n;
	pid_t *v = list(pid, &n);
	if (v == NULL)
		return errno == ESRCH ? 0 : -1;
	for (size_t i = 0; i < n; i++)
		process_list_add(l, v[i], pid);
	free(v);
	return 0;
}

int processes_all(struct process_list *l, const struct pidmap *known)
{
	size_t n;
	pid_t *v = list(0, &n);
	if (v == NULL)
		return -1;
	int why = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i] <= 0 || (known != NULL && pidmap_get(known, v[i]) != PIDMAP_NONE))
			continue;
		pid_t ppid = processes_parent(v[i]);
		if (ppid >= 0)
			process_list_add(l, v[i], ppid);
		else if (!process_is_out_of_reach(errno))
			why = errno;
	}
	free(v);
	errno = why;
	return why != 0 ? -1 : 0;
}

long processes_command_line(pid_t pid, char *text, size_t size)
{
	long n = process_arguments(pid, text, size - 1);
	if (n < 0)
		return -1;
	arguments_join(text, n);
	text[n] = '\0';
	return n;
}

bool processes_children_are_cheaper(size_t n, size_t tasks)
{
	(void)tasks;
	return n <= CHILDREN_MOST;
}

size_t processes_tasks(void)
{
	return 0;
}

/* ---- creations: PIDs are not counted */

void process_creations_start(struct process_creations *c)
{
	*c = (struct process_creations){.fd = -1};
}

void process_creations_update(struct process_creations *c)
{
	c->known = false;
}

void process_creations_end(struct process_creations *c)
{
	(void)c;
}

bool process_creations_include(const struct process_creations *c, pid_t pid)
{
	(void)c, (void)pid;
	return false;
}
