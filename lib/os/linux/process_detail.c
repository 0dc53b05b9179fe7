/* SPDX-License-Identifier: MIT */
/* Details of a process: /proc/PID/stat, io, maps, exe, cmdline. */
#include "os/process_detail.h"

#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
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

/* Return the largest length of TEXT, at most N, that cuts no UTF-8 character. */
static size_t whole_characters(const char *text, size_t n)
{
	size_t cut = n;
	while (cut > 0 && n - cut < 3 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return ((unsigned char)text[cut] & 0xc0) == 0x80 ? n : cut;
}

/* Return whether PID is a thread of the kernel. Any other process without a command line is in
 * execve(2), or exiting. */
static bool is_kernel_thread(pid_t pid)
{
	struct procfs_stat st;
	return procfs_stat(pid, &st) == 0 && st.kernel_thread;
}

static int read_cmd(struct process_detail *d, const struct process *p)
{
	char path[PROCESS_FILE_MAX];
	d->cmd.n = 0;
	char *text = buf_room(&d->cmd, PROCESS_DETAIL_CMD_MAX + 2);
	long n = procfs_get(p->pid, process_file(p, "cmdline", path, sizeof path), text,
	    PROCESS_DETAIL_CMD_MAX + 2);
	if (n < 0 || (n == 0 && !is_kernel_thread(p->pid)))
		return 0;
	while (n > 0 && text[n - 1] == '\0')
		n--;
	for (long i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	d->cmd.n = (size_t)n;
	if (n <= PROCESS_DETAIL_CMD_MAX)
		return PROCESS_DETAIL_CMD;
	d->cmd.n = whole_characters(text, PROCESS_DETAIL_CMD_MAX);
	buf_str(&d->cmd, "...");
	return PROCESS_DETAIL_CMD;
}

static const char *user_name(struct process_detail *d, uid_t uid)
{
	char number[24];
	for (size_t i = 0; i < d->users_n; i++)
		if (d->users[i].uid == uid)
			return d->users[i].name;
	const struct passwd *pw = getpwuid(uid);
	snprintf(number, sizeof number, "%lu", (unsigned long)uid);
	const char *name = pw != NULL ? pw->pw_name : number;
	size_t size = strlen(name) + 1;
	char *copy = memcpy(alloc_resize(NULL, size, 1), name, size);
	d->users = alloc_resize(d->users, d->users_n + 1, sizeof *d->users);
	d->users[d->users_n++] = (struct process_detail_user){uid, copy};
	return copy;
}

static int read_user(struct process_detail *d, const struct process *p)
{
	uid_t uid;
	if (process_owner(p, &uid) != 0)
		return 0;
	d->user = user_name(d, uid);
	return PROCESS_DETAIL_USER;
}

void process_detail_read(struct process_detail *d, const struct process *p, unsigned wanted)
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
	if (wanted & PROCESS_DETAIL_CMD)
		known |= read_cmd(d, p);
	if (wanted & PROCESS_DETAIL_USER)
		known |= read_user(d, p);
	d->known = known != 0 && process_owns_pid(p) ? (unsigned)known : 0;
}

void process_detail_free(struct process_detail *d)
{
	for (size_t i = 0; i < d->users_n; i++)
		free(d->users[i].name);
	free(d->users);
	buf_free(&d->exe);
	buf_free(&d->cmd);
	*d = (struct process_detail){0};
}
