/* SPDX-License-Identifier: MIT */
/* Details of a process: /proc/PID/stat, io, maps, exe, cmdline. */
#include "os/posix/process_detail_system.h"

#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include "os/linux/kernel.h"
#include "os/linux/process_file.h"
#include "os/linux/procfs.h"

static int read_stat(struct process_detail *d, const struct process *p, unsigned wanted)
{
	struct procfs_stat st;
	if (procfs_stat(p->pid, &st) != 0)
		return 0;
	d->cpu_ms = (uint64_t)procfs_ticks_us(st.cpu_ticks) / 1000;
	if (!(wanted & PROCESS_DETAIL_START))
		return PROCESS_DETAIL_CPU;
	if (d->boot_us == 0)
		d->boot_us = procfs_boot_us();
	d->start_us = procfs_started_us(d->boot_us, st.start_ticks);
	return PROCESS_DETAIL_CPU | PROCESS_DETAIL_START;
}

static int read_io(struct process_detail *d, const struct process *p)
{
	char text[512];
	if (procfs_get(p->pid, "io", text, sizeof text) <= 0)
		return 0;
	d->read_kib = procfs_number(text, "read_bytes: ") / 1024;
	d->write_kib = procfs_number(text, "write_bytes: ") / 1024;
	return PROCESS_DETAIL_IO;
}

/* Count the lines of maps. A newline in a file name is written \012 there. */
static int read_regions(struct process_detail *d, const struct process *p)
{
	char path[PROCESS_FILE_MAX], text[4096];
	int fd = procfs_open(p->pid, process_file(p, "maps", path, sizeof path));
	if (fd < 0)
		return 0;
	d->regions = 0;
	off_t at = 0;
	for (ssize_t n; (n = kernel_read(fd, text, sizeof text, at)) > 0; at += n)
		for (ssize_t i = 0; i < n; i++)
			d->regions += text[i] == '\n';
	close(fd);
	return d->regions > 0 ? PROCESS_DETAIL_REGIONS : 0;
}

static int read_exe(struct process_detail *d, const struct process *p)
{
	char path[PROCESS_FILE_MAX];
	d->exe.n = 0;
	char *text = buf_room(&d->exe, PATH_MAX);
	long n = procfs_link(p->pid, process_file(p, "exe", path, sizeof path), text, PATH_MAX);
	if (n <= 0)
		return 0;
	d->exe.n = (size_t)n;
	return PROCESS_DETAIL_EXE;
}

/* Return whether PID is a thread of the kernel. Any other process without a command line is in
 * execve(2), or exiting. */
static bool is_kernel_thread(pid_t pid)
{
	struct procfs_stat st;
	return procfs_stat(pid, &st) == 0 && st.kernel_thread;
}

long process_detail_system_cmd(const struct process *p, char *text, size_t size)
{
	char path[PROCESS_FILE_MAX];
	long n = procfs_get(p->pid, process_file(p, "cmdline", path, sizeof path), text, size);
	return n == 0 && !is_kernel_thread(p->pid) ? -1 : n;
}

unsigned process_detail_system_read(
    struct process_detail *d, const struct process *p, unsigned wanted)
{
	int known = 0;
	if (wanted & (PROCESS_DETAIL_CPU | PROCESS_DETAIL_START))
		known |= read_stat(d, p, wanted);
	if (wanted & PROCESS_DETAIL_IO)
		known |= read_io(d, p);
	if (wanted & PROCESS_DETAIL_REGIONS)
		known |= read_regions(d, p);
	if (wanted & PROCESS_DETAIL_EXE)
		known |= read_exe(d, p);
	return (unsigned)known;
}
