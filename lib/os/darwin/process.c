/* SPDX-License-Identifier: MIT */
/* One process and its memory: proc_pid_rusage and proc_pidinfo. */
#include "os/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "os/darwin/kernel.h"

struct process_handle {
	uint64_t start; /* with the PID, this identifies the process */
	uint64_t footprint_max; /* as of the last process_read_status */
};

static int fail(int error)
{
	errno = error;
	return -1;
}

bool process_is_out_of_reach(int error)
{
	return error == ESRCH || error == EPERM || error == EACCES;
}

const char *process_open_error(int error)
{
	return strerror(error);
}

const char *process_memory_columns(void)
{
	return "phys_footprint";
}

size_t process_keeps_descriptors(const struct process *p)
{
	(void)p;
	return 0;
}

/* Read the usage of P. Return -1 with errno ESRCH if its PID is now that of another process, or of a
 * zombie. */
static int read_usage(const struct process *p, struct kernel_usage *u)
{
	if (kernel_usage(p->pid, u) != 0)
		return -1;
	return u->exited || u->start != p->handle->start ? fail(ESRCH) : 0;
}

bool process_owns_pid(const struct process *p)
{
	struct kernel_usage u;
	return kernel_usage(p->pid, &u) == 0 && u.start == p->handle->start;
}

/* ---- memory */

/* The mark of the kernel is of the footprint, which has compressed memory, and not all files. */
static void set_memory(struct process *p, const struct kernel_usage *u)
{
	p->memory_known = true;
	p->rss_kib = u->rss_bytes / 1024;
	p->footprint_kib = u->footprint_bytes / 1024;
	p->hwm_kib = max_u64(max_u64(p->hwm_kib, p->rss_kib), u->footprint_max_bytes / 1024);
}

int process_read_memory(struct process *p)
{
	struct process old = *p;
	struct kernel_usage u;
	if (read_usage(p, &u) != 0)
		return process_is_out_of_reach(errno) ? -1 : 0;
	set_memory(p, &u);
	return !old.memory_known || p->rss_kib != old.rss_kib || p->hwm_kib != old.hwm_kib ||
	       p->footprint_kib != old.footprint_kib;
}

void process_read_less_memory(struct process *p)
{
	struct kernel_usage u;
	if (read_usage(p, &u) == 0)
		p->rss_kib = min_u64(p->rss_kib, u.rss_bytes / 1024);
	else if (process_is_out_of_reach(errno))
		p->rss_kib = 0;
}

/* ---- status */

int process_read_status(struct process *p)
{
	struct process old = *p;
	struct kernel_process k;
	struct kernel_task t;
	struct kernel_usage u;
	if (kernel_process(p->pid, &k) != 0 || kernel_task(p->pid, &t) != 0 ||
	    read_usage(p, &u) != 0)
		return -1;
	p->ppid = k.ppid;
	p->threads = t.threads;
	p->vsz_kib = t.vsz_bytes / 1024;
	memcpy(p->comm, t.name, sizeof t.name);
	/* Executing a program begins with new marks. The largest footprint alone shows it. */
	if (u.footprint_max_bytes < p->handle->footprint_max)
		p->hwm_kib = 0;
	p->handle->footprint_max = u.footprint_max_bytes;
	set_memory(p, &u);
	return p->hwm_kib != old.hwm_kib || p->ppid != old.ppid || p->threads != old.threads ||
	       strcmp(p->comm, old.comm) != 0;
}

int process_read_faults(struct process *p)
{
	struct kernel_task t;
	if (kernel_task(p->pid, &t) != 0 || !process_owns_pid(p))
		return -1;
	p->faults = t.faults;
	return 0;
}

int process_owner(const struct process *p, uid_t *uid)
{
	struct kernel_process k;
	if (kernel_process(p->pid, &k) != 0 || !process_owns_pid(p))
		return -1;
	*uid = k.owner;
	return 0;
}

/* ---- opening */

int process_open(struct process *p, pid_t pid, int keep)
{
	struct kernel_usage u;
	(void)keep; /* there is nothing to keep open */
	*p = (struct process){.pid = pid, .has = PROCESS_HAS_FOOTPRINT};
	if (kernel_usage(pid, &u) != 0)
		return fail(errno == EPERM ? EACCES : errno);
	p->handle = alloc_resize(NULL, 1, sizeof *p->handle);
	*p->handle = (struct process_handle){.start = u.start};
	if (process_read_status(p) >= 0)
		return 0;
	int why = errno;
	process_close(p);
	return fail(why == EPERM ? EACCES : why);
}

void process_close(struct process *p)
{
	free(p->handle);
	p->handle = NULL;
}

/* ---- memory of two processes */

bool process_is_executing(const struct process *p)
{
	(void)p;
	return false; /* the kernel replaces the memory at once */
}

bool process_shares_memory(const struct process *p, const struct process *parent)
{
	struct kernel_process k;
	return kernel_process(p->pid, &k) == 0 && k.in_vfork && k.ppid == parent->pid;
}

bool process_has_memory_of(const struct process *p, const struct process *other)
{
	(void)p, (void)other;
	return false;
}
