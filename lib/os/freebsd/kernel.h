/* SPDX-License-Identifier: MIT */
/*
 * The requests of this folder to the kernel: sysctl(3), procctl(2), kqueue(2), wait6(2).
 *
 * kernel*.c are the only files that include headers of FreeBSD. tests/worlds has other functions of
 * these names, of a simulated kernel. Those that return int return 0, or -1 with errno set, unless
 * stated otherwise.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KERNEL_NAME_MAX 20 /* bytes of a name and its NUL */

/* ---- one process */

struct kernel_process {
	pid_t ppid, group;
	uid_t uid;	  /* effective */
	int64_t start_us; /* since the machine was booted: with the PID, it identifies a process */
	uint64_t space;	  /* differs for different address spaces; 0: not known */
	bool zombie;
	bool stopped; /* by a signal, not by a tracer */
	bool kernel;  /* a process of the kernel itself */
	uint64_t rss_kib, vsz_kib;
	uint64_t mark_kib; /* the largest RSS that the statistics clock has met */
	uint64_t threads, faults;
	uint64_t cpu_us;
	char name[KERNEL_NAME_MAX];
};

/* Read PID. It fails with ESRCH for a process that is not shown to this user, too. */
int kernel_process(pid_t pid, struct kernel_process *p);

struct kernel_id {
	pid_t pid, ppid;
};

/* Store in *V, which the caller frees, all processes with their parents, and their number in *N. */
int kernel_processes(struct kernel_id **v, size_t *n);

/* Copy the arguments of PID to TEXT, a NUL after each. Return their length, at most SIZE, or -1
 * with errno set. */
long kernel_arguments(pid_t pid, char *text, size_t size);

/* Store in PATH the file that PID executes; -1: this process. */
int kernel_program(pid_t pid, char *path, size_t size);

/* Store the number of mapped regions of PID. */
int kernel_regions(pid_t pid, uint64_t *n);

/* Return the CPU time of PID in ns, or 0 if it is not known. */
int64_t kernel_cpu_ns(pid_t pid);

/* Store in *FDS, which the caller frees, the open descriptors of this process. Return their number;
 * 0: not known. */
size_t kernel_descriptors(int **fds);

/* Return a number for the pipe that PID has as its descriptor FD, the same for both ends, or 0. */
uint64_t kernel_pipe(pid_t pid, int fd);

/* ---- the machine */

/* Return when the machine was booted, Unix time in microseconds. */
int64_t kernel_boot_us(void);

/* Return the free memory in KiB, or 0 if it is not known. */
uint64_t kernel_free_kib(void);

/* ---- events */

/* Any number of these can be true at once, but CREATED is always alone. */
struct kernel_event {
	pid_t pid;
	pid_t ppid;   /* of CREATED */
	bool created; /* by a process that was watched; it is watched, too */
	bool executed, exited;
	bool lost; /* a process that PID has created could not be watched */
};

/* Return a descriptor of a new queue, which is readable while it has events, or -1 with errno set.
 */
int kernel_queue(void);

/* Watch PID, and what it creates from now on. It fails with ESRCH if it has exited. */
int kernel_queue_watch(int queue, pid_t pid);

/* Take the events that wait, at most N. Return their number, or -1 with errno set. */
int kernel_queue_take(int queue, struct kernel_event *v, int n);

/* Return a descriptor that is readable once PID has exited, or -1 with errno set: ESRCH if there is
 * none. */
int kernel_exit_queue(pid_t pid);

/* ---- the launcher */

/* Adopt the orphans of our descendants, or stop to do so. */
int kernel_reap(bool on);

/* Return whether this process adopts the orphans of its descendants. */
bool kernel_reaps(void);

/* Return the signal that this process is sent when its parent exits; 0: none. */
int kernel_death_signal(void);
int kernel_set_death_signal(int sig);

struct kernel_usage {
	int64_t user_us, system_us;
	int64_t maxrss_kib;
};

/* Wait for the zombie PID: its own usage, and that of the children it waited for. */
int kernel_wait(pid_t pid, int *status, struct kernel_usage *own, struct kernel_usage *children);

/* Send SIG with VALUE to PID. */
int kernel_queue_signal(pid_t pid, int sig, union sigval value);

#endif
