/* SPDX-License-Identifier: MIT */
/*
 * The signals that the launcher receives, as messages. All signals are blocked, except while
 * os_poll() waits with launch_signals_mask(). (Private to launch*.c.)
 */
#ifndef LAUNCH_SIGNALS_H
#define LAUNCH_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "os/launch.h"

struct launch_signal {
	int number;
	bool sent;    /* by a process, not by the kernel */
	pid_t sender; /* the process; 0: not known */
	bool queued;  /* by sigqueue(3), with the following */
	uid_t uid;
	union sigval value;
};

/* Receive all signals from now on: l->signal_fd is readable when there are any. Return 0, or -1
 * with errno set. */
int launch_signals_open(struct launch *l);

/* Return the mask to wait with, or NULL for the present one. */
const sigset_t *launch_signals_mask(void);

/* Take the next signal. Return false if there is none. */
bool launch_signals_take(struct launch *l, struct launch_signal *s);

/* Restore the actions of all signals but SIGCHLD. The mask remains. */
void launch_signals_restore(void);

#endif
