/* SPDX-License-Identifier: MIT */
/*
 * The part of the launcher that each system has its own of. (Private to launch*.c.)
 */
#ifndef LAUNCH_SYSTEM_H
#define LAUNCH_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

#include "os/launch.h"
#include "os/posix/launch_signals.h"

/* ---- what exec(3) preserves and a child does not inherit */

/* Note in L what this process has of it. */
void launch_system_note(struct launch *l);

/* Give that to this process: the command, or the launcher that becomes the command. */
void launch_system_restore(const struct launch *l);

/* Adopt the orphans of our descendants from now on. Return 1, 0 if the system has no way to do that, or
 * -1 with errno set. */
int launch_system_adopt(void);

/* ---- the command before exec */

/* Set the name that samples show. */
void launch_system_set_name(const char *name);

/* Send SIG to this process when its parent exits; 0: no longer. */
void launch_system_set_death_signal(int sig);

/* Store the open descriptors of this process in *FDS, which the caller frees. Return their number,
 * or 0 if they cannot be listed. */
size_t launch_system_descriptors(int **fds);

/* Return the largest RSS of the running process PID in KiB, as launch_system_reap() returns it, or
 * 0 if it is not known. */
int64_t launch_system_mark_kib(pid_t pid);

/* Send the signal S to PID; a queued one with its value and, if the system can, with its sender, to
 * which PID may reply. */
void launch_system_pass_on(pid_t pid, const struct launch_signal *s);

/* ---- exits */

struct launch_usage {
	int64_t user_us, system_us; /* of the process and of the children it waited for */
	int64_t maxrss_kib;	    /* the largest of a single one of these */
	int64_t own_maxrss_kib;	    /* of the process itself; 0: not known */
	bool exact;		    /* the kernel misses no peak */
};

/* Return the process group of PID, which may be a zombie, or -1 with errno set. */
pid_t launch_system_group(pid_t pid);

/* Return T of a struct rusage in microseconds. */
static inline int64_t launch_system_us(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

/* Wait for the zombie PID. Return 0, or -1 with errno set. */
int launch_system_reap(pid_t pid, int *status, struct launch_usage *u);

/* Return true if a signal has stopped PID, and no tracer. */
bool launch_system_is_stopped(pid_t pid);

/* Prevent a core file of this process. */
void launch_system_prevent_core(void);

#endif
