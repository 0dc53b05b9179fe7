/* SPDX-License-Identifier: MIT */
/* The details of a process that the kernel reports. */
#include "os/posix/process_detail_system.h"

#include <limits.h>
#include <string.h>

#include "os/freebsd/kernel.h"

static unsigned read_times(struct process_detail *d, const struct process *p)
{
	struct kernel_process now;
	if (kernel_process(p->pid, &now) != 0)
		return 0;
	d->cpu_ms = now.cpu_us / 1000;
	d->start_us = kernel_boot_us() + now.start_us;
	return PROCESS_DETAIL_CPU | PROCESS_DETAIL_START;
}

static unsigned read_exe(struct process_detail *d, const struct process *p)
{
	d->exe.n = 0;
	char *text = buf_room(&d->exe, PATH_MAX);
	if (kernel_program(p->pid, text, PATH_MAX) != 0)
		return 0;
	d->exe.n = strlen(text);
	return PROCESS_DETAIL_EXE;
}

/* I/O is counted in requests, not in bytes. */
unsigned process_detail_system_read(
    struct process_detail *d, const struct process *p, unsigned wanted)
{
	unsigned known = 0;
	if (wanted & (PROCESS_DETAIL_CPU | PROCESS_DETAIL_START))
		known |= read_times(d, p);
	if ((wanted & PROCESS_DETAIL_REGIONS) && kernel_regions(p->pid, &d->regions) == 0 &&
	    d->regions > 0)
		known |= PROCESS_DETAIL_REGIONS;
	if (wanted & PROCESS_DETAIL_EXE)
		known |= read_exe(d, p);
	return known;
}

long process_detail_system_cmd(const struct process *p, char *text, size_t size)
{
	struct kernel_process now;
	long n = kernel_arguments(p->pid, text, size);
	if (n != 0)
		return n;
	return kernel_process(p->pid, &now) == 0 && now.kernel ? 0 : -1;
}
