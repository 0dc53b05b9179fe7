/* SPDX-License-Identifier: MIT */
/* The processes of the system. */
#include "os/processes.h"

#include <stdlib.h>

#include "base/pidmap.h"
#include "os/freebsd/kernel.h"
#include "os/posix/arguments.h"

const char *processes_unavailable(void)
{
	return NULL;
}

const char *processes_source(void)
{
	return "kern.proc";
}

bool processes_have_reapers(void)
{
	return true;
}

pid_t processes_parent(pid_t pid)
{
	struct kernel_process p;
	return kernel_process(pid, &p) == 0 ? p.ppid : -1;
}

/* The kernel does not report where a program is in memory to others than its debugger. */
uint64_t processes_image(pid_t pid)
{
	(void)pid;
	return 0;
}

/* There are none. */
bool processes_share_groups(pid_t a, pid_t b)
{
	(void)a, (void)b;
	return false;
}

int processes_all(struct process_list *l, const struct pidmap *known)
{
	struct kernel_id *v;
	size_t n;
	if (kernel_processes(&v, &n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (known == NULL || pidmap_get(known, v[i].pid) == PIDMAP_NONE)
			process_list_add(l, v[i].pid, v[i].ppid);
	free(v);
	return 0;
}

int processes_children(struct process_list *l, pid_t pid)
{
	struct kernel_id *v;
	size_t n;
	if (kernel_processes(&v, &n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (v[i].ppid == pid)
			process_list_add(l, v[i].pid, pid);
	free(v);
	return 0;
}

long processes_command_line(pid_t pid, char *text, size_t size)
{
	long n = kernel_arguments(pid, text, size - 1);
	arguments_join(text, n);
	text[n < 0 ? 0 : n] = '\0';
	return n;
}

/* The kernel keeps no lists of children for others. */
bool processes_children_are_cheaper(size_t n, size_t tasks)
{
	(void)n, (void)tasks;
	return false;
}

size_t processes_tasks(void)
{
	return 0;
}

/* The order of PIDs can be random (kern.randompid): any may be given out again. */
void process_creations_start(struct process_creations *c)
{
	*c = (struct process_creations){.fd = -1, .restarted = true};
}

void process_creations_update(struct process_creations *c)
{
	(void)c;
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
