/* SPDX-License-Identifier: MIT */
/* Details of a process: its usage, its program and its arguments. */
#include "os/posix/process_detail_system.h"

#include <limits.h>
#include <string.h>

#include "os/darwin/kernel.h"
#include "os/darwin/process_arguments.h"

static unsigned read_usage(struct process_detail *d, const struct process *p)
{
	struct kernel_usage u;
	if (kernel_usage(p->pid, &u) != 0)
		return 0;
	d->cpu_ms = (uint64_t)u.cpu_ns / 1000000;
	d->read_kib = u.read_bytes / 1024;
	d->write_kib = u.write_bytes / 1024;
	return PROCESS_DETAIL_CPU | PROCESS_DETAIL_IO;
}

static unsigned read_start(struct process_detail *d, const struct process *p)
{
	struct kernel_task t;
	if (kernel_task(p->pid, &t) != 0)
		return 0;
	d->start_us = t.start_us;
	return PROCESS_DETAIL_START;
}

static unsigned read_exe(struct process_detail *d, const struct process *p)
{
	d->exe.n = 0;
	char *text = buf_room(&d->exe, PATH_MAX);
	long n = kernel_program(p->pid, text, PATH_MAX);
	if (n <= 0)
		return 0;
	d->exe.n = (size_t)n;
	return PROCESS_DETAIL_EXE;
}

unsigned process_detail_system_read(
    struct process_detail *d, const struct process *p, unsigned wanted)
{
	unsigned known = 0;
	if (wanted & (PROCESS_DETAIL_CPU | PROCESS_DETAIL_IO))
		known |= read_usage(d, p);
	if (wanted & PROCESS_DETAIL_START)
		known |= read_start(d, p);
	if (wanted & PROCESS_DETAIL_EXE)
		known |= read_exe(d, p);
	return known;
}

long process_detail_system_cmd(const struct process *p, char *text, size_t size)
{
	return process_arguments(p->pid, text, size);
}
