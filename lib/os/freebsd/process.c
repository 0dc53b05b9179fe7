/* SPDX-License-Identifier: MIT */
/* One process and its memory. */
#include "os/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "os/freebsd/kernel.h"

/* One call of the kernel reports all of a process, which is kept for the functions that are called
 * after process_read_memory. */
struct process_handle {
	struct kernel_process last;
	bool fresh;	      /* LAST is of the last process_read_memory */
	uint64_t most_kib;    /* the largest RSS that was read, of a program of this name */
	uint64_t read_kib[2]; /* the RSS and the VSZ of the last process_read_memory */
};

bool process_is_out_of_reach(int error)
{
	return error == ESRCH || error == EACCES || error == EPERM;
}

const char *process_open_error(int error)
{
	return error == EACCES ? "not shown by the kernel" : strerror(error);
}

const char *process_memory_columns(void)
{
	return "";
}

/* There are no descriptors of processes. */
size_t process_keeps_descriptors(const struct process *p)
{
	(void)p;
	return 0;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

/* Read what has the PID of P now. Return 0, or -1 with errno set: ESRCH if that is not P. */
static int read_now(const struct process *p, struct kernel_process *now)
{
	if (kernel_process(p->pid, now) != 0)
		return -1;
	return now->start_us == p->handle->last.start_us ? 0 : fail(ESRCH);
}

/* Read P, unless that was just done. Return 0, or -1 if it has exited. */
static int refresh(struct process *p)
{
	struct kernel_process now;
	struct process_handle *h = p->handle;
	if (h->fresh)
		return 0;
	if (read_now(p, &now) != 0)
		return -1;
	h->last = now;
	return 0;
}

bool process_owns_pid(const struct process *p)
{
	struct kernel_process now;
	return read_now(p, &now) == 0;
}

int process_owner(const struct process *p, uid_t *uid)
{
	struct kernel_process now;
	if (read_now(p, &now) != 0)
		return -1;
	*uid = now.uid;
	return 0;
}

/* ---- status */

/*
 * The kernel's mark is of all programs that the process has executed, and is raised by a clock: it
 * can be lower than an RSS that was read.
 */
static void set_mark(struct process *p, const struct kernel_process *now)
{
	struct process_handle *h = p->handle;
	if (strcmp(p->comm, now->name) != 0)
		h->most_kib = 0;
	h->most_kib = max_u64(h->most_kib, max_u64(now->rss_kib, p->rss_kib));
	p->hwm_kib = max_u64(now->mark_kib, h->most_kib);
}

static void set_status(struct process *p, const struct kernel_process *now)
{
	set_mark(p, now);
	p->ppid = now->ppid;
	p->threads = now->threads;
	p->vsz_kib = now->vsz_kib;
	memcpy(p->comm, now->name, sizeof now->name);
}

int process_read_status(struct process *p)
{
	struct process old = *p;
	if (refresh(p) != 0 || p->handle->last.zombie)
		return -1;
	set_status(p, &p->handle->last);
	return p->hwm_kib != old.hwm_kib || p->ppid != old.ppid || p->threads != old.threads ||
	       strcmp(p->comm, old.comm) != 0;
}

/* A zombie has its faults. The kernel reports none of those of children. */
int process_read_faults(struct process *p)
{
	if (refresh(p) != 0)
		return -1;
	p->faults = p->handle->last.faults;
	return 0;
}

/* ---- memory */

static void set_memory(struct process *p, const struct kernel_process *now)
{
	struct process_handle *h = p->handle;
	h->read_kib[0] = p->rss_kib = now->rss_kib;
	h->read_kib[1] = p->vsz_kib = now->vsz_kib;
	h->most_kib = max_u64(h->most_kib, now->rss_kib);
	p->hwm_kib = max_u64(p->hwm_kib, now->rss_kib);
	p->memory_known = true;
}

int process_read_memory(struct process *p)
{
	struct kernel_process now;
	struct process_handle *h = p->handle;
	h->fresh = false;
	if (read_now(p, &now) != 0)
		return process_is_out_of_reach(errno) ? -1 : 0;
	h->last = now;
	if (now.zombie)
		return -1;
	h->fresh = true;
	if (p->memory_known && now.rss_kib == h->read_kib[0] && now.vsz_kib == h->read_kib[1])
		return 0;
	set_memory(p, &now);
	return 1;
}

void process_read_less_memory(struct process *p)
{
	struct kernel_process now;
	if (read_now(p, &now) != 0 && !process_is_out_of_reach(errno))
		return;
	if (now.rss_kib < p->rss_kib)
		p->rss_kib = now.rss_kib;
	p->handle->read_kib[0] = UINT64_MAX; /* the next read sets it */
}

/* The kernel exchanges the memory of a process at once. */
bool process_is_executing(const struct process *p)
{
	(void)p;
	return false;
}

bool process_shares_memory(const struct process *p, const struct process *parent)
{
	return process_has_memory_of(p, parent);
}

bool process_has_memory_of(const struct process *p, const struct process *other)
{
	struct kernel_process a, b;
	return read_now(p, &a) == 0 && read_now(other, &b) == 0 && a.space != 0 &&
	       a.space == b.space;
}

/* ---- opening */

int process_open(struct process *p, pid_t pid, int keep)
{
	struct kernel_process now;
	(void)keep;
	*p = (struct process){.pid = pid};
	if (kernel_process(pid, &now) != 0) {
		if (errno != ESRCH)
			return -1;
		/* It may be hidden. */
		return fail(kill(pid, 0) == 0 || errno == EPERM ? EACCES : ESRCH);
	}
	if (now.zombie)
		return fail(ESRCH);
	p->handle = alloc_resize(NULL, 1, sizeof *p->handle);
	*p->handle = (struct process_handle){.last = now};
	set_status(p, &now);
	return 0;
}

void process_close(struct process *p)
{
	free(p->handle);
	p->handle = NULL;
}
