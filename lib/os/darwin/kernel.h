/* SPDX-License-Identifier: MIT */
/*
 * The requests of this folder to the kernel of macOS, in types of its own. kernel.c is the only file
 * that includes the headers of the system; it has one function for each here, without logic.
 *
 * Functions return 0, or -1 with errno set, unless stated otherwise: ESRCH if there is no such
 * process, EPERM if the kernel does not report on it to this user.
 *
 * tests/worlds has other functions of these names, of a simulated kernel.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KERNEL_NAME 32 /* bytes of a name and its NUL */

/* ---- lists of processes, without zombies */

/* Store the PIDs of all processes in V, or with PPID above 0, those of its children. Return their
 * number, which can be more than the MOST that V has room for, or -1. */
long kernel_list(pid_t ppid, pid_t *v, size_t most);

/* ---- one process */

/* Every user may read this (PROC_PIDT_SHORTBSDINFO). */
struct kernel_process {
	pid_t ppid, group;
	uid_t owner; /* the effective user */
	bool zombie, stopped;
	bool in_vfork; /* its parent waits until it executes a program or exits */
};

int kernel_process(pid_t pid, struct kernel_process *p);

/* Only the owner and the superuser may read this (PROC_PIDTASKALLINFO). A zombie has none of it. */
struct kernel_task {
	char name[KERNEL_NAME];
	uint64_t vsz_bytes, threads, faults;
	int64_t start_us; /* Unix time */
};

int kernel_task(pid_t pid, struct kernel_task *t);

/* The same (proc_pid_rusage). A zombie has it, too. */
struct kernel_usage {
	uint64_t start; /* when it was created, in ticks: with the PID, this identifies a process */
	bool exited;
	uint64_t rss_bytes;
	uint64_t footprint_bytes;     /* what the kernel charges to it */
	uint64_t footprint_max_bytes; /* the largest since it executed its program */
	int64_t cpu_ns;
	bool has_waited; /* for a child that has exited */
	uint64_t read_bytes, write_bytes; /* from and to disks */
};

int kernel_usage(pid_t pid, struct kernel_usage *u);

/*
 * Copy the arguments of PID to TEXT as the kernel has them (KERN_PROCARGS2): their number as an int,
 * the file that was executed, NULs, then the arguments and the environment, each with a NUL at the
 * end. Return the length, at most SIZE, or -1.
 */
long kernel_arguments(pid_t pid, char *text, size_t size);

/* Copy the path of the program of PID to TEXT. Return its length, less than SIZE, or -1. */
long kernel_program(pid_t pid, char *text, size_t size);

/* Store the path of this program in TEXT. */
int kernel_own_program(char *text, size_t size);

/* Return a number for the pipe that is FD of PID, the same for both ends, or 0 if it is none. */
uint64_t kernel_pipe(pid_t pid, int fd);

/* ---- the event queue (kqueue) */

enum { KERNEL_EXITED = 1, KERNEL_FORKED = 2, KERNEL_EXECUTED = 4 };

struct kernel_event {
	pid_t pid;
	unsigned what; /* several can be reported at once */
};

/* Return the descriptor of a new queue, which is readable when there are events, or -1. */
int kernel_queue_open(void);

/* Receive the events WHAT of PID. */
int kernel_queue_watch(int queue, pid_t pid, unsigned what);

/* Take up to MOST events. Return their number; 0: none, or -1. */
int kernel_queue_take(int queue, struct kernel_event *v, int most);

/* ---- the machine */

/* Return the free memory in bytes, or 0 if it is not known. */
uint64_t kernel_free_bytes(void);

#endif
