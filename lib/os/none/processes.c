/* SPDX-License-Identifier: MIT */
/* The processes of the system: not supported. */
#include "os/processes.h"

#include <errno.h>

static int unsupported(void)
{
	errno = ENOTSUP;
	return -1;
}

const char *processes_unavailable(void)
{
	return "not supported on this system";
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
	(void)pid;
	return unsupported();
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

int processes_children(struct process_list *l, pid_t pid)
{
	(void)l, (void)pid;
	return unsupported();
}

int processes_all(struct process_list *l, const struct pidmap *known)
{
	(void)l, (void)known;
	return unsupported();
}

long processes_command_line(pid_t pid, char *text, size_t size)
{
	(void)pid, (void)text, (void)size;
	return unsupported();
}

bool processes_children_are_cheaper(size_t n, size_t tasks)
{
	(void)n, (void)tasks;
	return false;
}

size_t processes_tasks(void)
{
	return 0;
}

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
