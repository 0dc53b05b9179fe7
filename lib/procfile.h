/*
 * Reading the files of /proc/PID. (Linux.)
 */
#ifndef PROCFILE_H
#define PROCFILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Opens /proc/PID/NAME for reading. A descriptor, or -1 with errno set;
 * it stays bound to this process, whoever gets its PID later. */
int procfile_open(pid_t pid, const char *name);

/*
 * Reads from the beginning of FD into TEXT and ends it with a NUL. The bytes
 * read, at most SIZE - 1; 0 or -1 when the process is gone.
 */
long procfile_read(int fd, char *text, size_t size);

/* The same by name, opened and closed again. */
long procfile_get(pid_t pid, const char *name, char *text, size_t size);

struct procfile_stat {
	pid_t ppid;
	uint64_t start_ticks; /* since boot; with the PID, an identity */
};

/* 0, or -1 if there is no such process. Works for threads too. */
int procfile_stat(pid_t pid, struct procfile_stat *st);

/* When process PID started, in microseconds of Unix time, as far as the kernel
 * tells: the boot in whole seconds, then in hundredths. 0, or -1. */
int procfile_start_us(pid_t pid, int64_t *us);

#endif
