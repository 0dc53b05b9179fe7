/* SPDX-License-Identifier: MIT */
/* One process and its memory: not supported. */
#include "os/process.h"

#include <errno.h>

static int unsupported(void)
{
	errno = ENOTSUP;
	return -1;
}

int process_open(struct process *p, pid_t pid, int keep)
{
	(void)keep;
	*p = (struct process){.pid = pid};
	return unsupported();
}

void process_close(struct process *p)
{
	(void)p;
}

const char *process_memory_columns(void)
{
	return "";
}

size_t process_keeps_descriptors(const struct process *p)
{
	(void)p;
	return 0;
}

int process_read_memory(struct process *p)
{
	(void)p;
	return unsupported();
}

void process_read_less_memory(struct process *p)
{
	(void)p;
}

int process_read_faults(struct process *p)
{
	(void)p;
	return unsupported();
}

int process_read_status(struct process *p)
{
	(void)p;
	return unsupported();
}

int process_owner(const struct process *p, uid_t *uid)
{
	(void)p, (void)uid;
	return unsupported();
}

bool process_owns_pid(const struct process *p)
{
	(void)p;
	return 0;
}

bool process_is_executing(const struct process *p)
{
	(void)p;
	return false;
}

bool process_shares_memory(const struct process *p, const struct process *parent)
{
	(void)p, (void)parent;
	return false;
}

bool process_has_memory_of(const struct process *p, const struct process *other)
{
	(void)p, (void)other;
	return false;
}

bool process_is_out_of_reach(int error)
{
	(void)error;
	return false;
}

const char *process_open_error(int error)
{
	(void)error;
	return "not supported on this system";
}
