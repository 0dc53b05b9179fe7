/* SPDX-License-Identifier: MIT */
/*
 * Sending signals to a process through a handle.
 *
 * A handle is a descriptor that is bound to one process. A signal sent through it never reaches a
 * later process with the same PID. poll(2) reports POLLIN on a handle whose process has exited.
 */
#ifndef PROCESS_SIGNAL_H
#define PROCESS_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Return a handle of the process that has PID now, or -1 with errno set: ESRCH if there is none,
 * ENOSYS if the system has no handles. Close it with close(2).
 */
int process_signal_open(pid_t pid);

/* Return true if the process of HANDLE has exited, even if its parent has not waited for it. */
bool process_signal_exited(int handle);

/* Send SIG to the process of HANDLE. Return 0, or -1 with errno set: ESRCH if the process has
 * exited. */
int process_signal_send(int handle, int sig);

/* Store the Unix time at which process PID started. Return 0, or -1 if there is no such process. */
int process_signal_started(pid_t pid, int64_t *us);

#endif
