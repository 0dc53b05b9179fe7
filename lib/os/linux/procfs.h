/*
 * Reading the files of /proc/PID. (Linux.)
 */
#ifndef PROCFS_H
#define PROCFS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether /proc is there and its numbers are those that we see: that of another PID
 * namespace tells of others. */
int procfs_is_ours(void);

/* Opens /proc/PID/NAME for reading. A descriptor, or -1 with errno set;
 * it stays bound to this process, whoever gets its PID later. */
int procfs_open(pid_t pid, const char *name);

/* Behind a failure: whether errno says that there is no such process, or none
 * for us to see. Anything else is a failure of ours. */
int procfs_gone(void);

/*
 * Reads from the beginning of FD into TEXT and ends it with a NUL. The bytes
 * read, at most SIZE - 1; 0 or -1 when the process is gone.
 */
long procfs_read(int fd, char *text, size_t size);

/* The same by name, opened and closed again. */
long procfs_get(pid_t pid, const char *name, char *text, size_t size);

/* Where the link /proc/PID/NAME points to. Its bytes, at most SIZE - 1, with a NUL
 * behind them; or -1 with errno set. */
long procfs_link(pid_t pid, const char *name, char *text, size_t size);

/* What stands behind KEY (as "VmHWM:") at the beginning of a line, or NULL. */
const char *procfs_value(const char *text, const char *key);

/* The same as a number; 0 if there is none. */
uint64_t procfs_number(const char *text, const char *key);

struct procfs_stat {
	pid_t ppid;
	uint64_t start_ticks; /* since boot; with the PID, an identity */
	uint64_t cpu_ticks;   /* of all threads, in user code and in the kernel */
};

/* 0, or -1 if there is no such process. Works for threads too. */
int procfs_stat(pid_t pid, struct procfs_stat *st);

/* Ticks of stat in microseconds. */
int64_t procfs_ticks_us(uint64_t ticks);

/* When the machine was started, Unix time in microseconds. 0, or -1. */
int procfs_boot_us(int64_t *us);

/* When PID began, Unix time in microseconds: to a tick. 0, or -1 if there is no
 * such process. */
int procfs_start_us(pid_t pid, int64_t *us);

#endif
