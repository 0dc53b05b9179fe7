/* SPDX-License-Identifier: MIT */
/*
 * Reading the files of /proc/PID.
 */
#ifndef PROCFS_H
#define PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Return whether /proc is there and shows the processes of our own PID namespace. */
bool procfs_is_ours(void);

/* Open /proc/PID/NAME for reading. Return a descriptor, which stays bound to this process, or -1
 * with errno set. */
int procfs_open(pid_t pid, const char *name);

/* Read FD from its beginning into TEXT, and add a NUL. Return the number of bytes, less than SIZE.
 * If the process has exited, return 0, or -1 with errno set. */
long procfs_read(int fd, char *text, size_t size);

/* Open /proc/PID/NAME, read it in the same way, and close it. */
long procfs_get(pid_t pid, const char *name, char *text, size_t size);

/* Copy the target of the link /proc/PID/NAME to TEXT, and add a NUL. Return its length, less than
 * SIZE, or -1 with errno set. */
long procfs_link(pid_t pid, const char *name, char *text, size_t size);

/* Return the text after KEY (such as "VmHWM:") at the beginning of a line, or NULL. */
const char *procfs_value(const char *text, const char *key);

/* Return the same as a number; 0 if there is none. */
uint64_t procfs_number(const char *text, const char *key);

struct procfs_stat {
	char state; /* R, S, D, Z ... */
	pid_t ppid;
	uint64_t start_ticks; /* since boot; PID and start together identify a process */
	uint64_t cpu_ticks;   /* of all threads, in user and in kernel mode */
	uint64_t children_faults; /* page faults of the children it has waited for */
	bool kernel_thread;
};

/* Read the stat of a process or thread. Return 0, or -1 with errno set if there is none. */
int procfs_stat(pid_t pid, struct procfs_stat *st);

/* Return the ticks of stat in microseconds. */
int64_t procfs_ticks_us(uint64_t ticks);

/* Return when the system was booted, Unix time in microseconds. */
int64_t procfs_boot_us(void);

/* Return when a process with START_TICKS started if the system was booted at BOOT_US: the middle of
 * that tick. */
int64_t procfs_started_us(int64_t boot_us, uint64_t start_ticks);

/* Set *US to when PID started, Unix time in microseconds, to the precision of a tick. Return 0,
 * or -1 if there is no such process. */
int procfs_start_us(pid_t pid, int64_t *us);

#endif
