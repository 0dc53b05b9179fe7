/* SPDX-License-Identifier: MIT */
/* Reading the files of /proc/PID. */
#include "os/linux/procfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "os/linux/kernel.h"

#define SECONDS_MAX 100000000000 /* the year 5138: a larger number is not a time */

bool procfs_is_ours(void)
{
	char text[32];
	ssize_t n = kernel_link("self", text, sizeof text - 1);
	text[n < 0 ? 0 : n] = '\0';
	return strtol(text, NULL, 10) == getpid();
}

int procfs_open(pid_t pid, const char *name)
{
	char path[KERNEL_NAME_MAX];
	snprintf(path, sizeof path, "%ld/%s", (long)pid, name);
	return kernel_open(path);
}

long procfs_read(int fd, char *text, size_t size)
{
	ssize_t n = kernel_read(fd, text, size - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	return n;
}

long procfs_get(pid_t pid, const char *name, char *text, size_t size)
{
	int fd = procfs_open(pid, name);
	if (fd < 0)
		return -1;
	long n = procfs_read(fd, text, size);
	close(fd);
	return n;
}

long procfs_link(pid_t pid, const char *name, char *text, size_t size)
{
	char path[KERNEL_NAME_MAX];
	snprintf(path, sizeof path, "%ld/%s", (long)pid, name);
	ssize_t n = kernel_link(path, text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
	return n;
}

const char *procfs_value(const char *text, const char *key)
{
	size_t n = strlen(key);
	for (const char *line = text; line != NULL && *line != '\0';) {
		if (strncmp(line, key, n) == 0)
			return line + n + (line[n] == '\t');
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return NULL;
}

uint64_t procfs_number(const char *text, const char *key)
{
	const char *value = procfs_value(text, key);
	return value != NULL ? strtoull(value, NULL, 10) : 0;
}

#define KERNEL_THREAD 0x00200000u /* PF_KTHREAD of the kernel's include/linux/sched.h */

int procfs_stat(pid_t pid, struct procfs_stat *st)
{
	char text[1024];
	long n = procfs_get(pid, "stat", text, sizeof text);
	if (n == 0)
		errno = ESRCH;
	if (n <= 0)
		return -1;
	/* 12 (a name, with any) of ( these) S 1 …: what follows the last `)`. */
	const char *p = strrchr(text, ')');
	long ppid;
	unsigned flags;
	uint64_t minor, major, user, system;
	if (p == NULL || sscanf(p,
			     ") %c %ld %*d %*d %*d %*d %u %*u %" SCNu64 " %*u %" SCNu64
			     " %" SCNu64 " %" SCNu64 " %*d %*d %*d %*d %*d %*d %" SCNu64,
			     &st->state, &ppid, &flags, &minor, &major, &user, &system,
			     &st->start_ticks) != 8)
		return -1;
	st->ppid = (pid_t)ppid;
	st->cpu_ticks = user + system;
	st->children_faults = minor + major;
	st->kernel_thread = (flags & KERNEL_THREAD) != 0;
	return 0;
}

int64_t procfs_ticks_us(uint64_t ticks)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	if (ticks / hz > SECONDS_MAX)
		return 0;
	return (int64_t)(ticks / hz * 1000000 + ticks % hz * 1000000 / hz);
}

static int64_t clock_us(clockid_t id)
{
	struct timespec t = {0};
	(void)clock_gettime(id, &t); /* it only fails for an unknown clock */
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The same time of /proc/stat, btime, is in whole seconds. */
int64_t procfs_boot_us(void)
{
	return clock_us(CLOCK_REALTIME) - clock_us(CLOCK_BOOTTIME);
}

int64_t procfs_started_us(int64_t boot_us, uint64_t start_ticks)
{
	int64_t half_tick_us = 500000 / sysconf(_SC_CLK_TCK);
	return boot_us + procfs_ticks_us(start_ticks) + half_tick_us;
}

int procfs_start_us(pid_t pid, int64_t *us)
{
	struct procfs_stat st;
	if (procfs_stat(pid, &st) != 0)
		return -1;
	*us = procfs_started_us(procfs_boot_us(), st.start_ticks);
	return 0;
}
