/* SPDX-License-Identifier: MIT */
/*
 * Job control for the launched command: when it stops, this process stops too. (Private to
 * launch*.c.)
 */
#ifndef LAUNCH_JOB_H
#define LAUNCH_JOB_H

#include <sys/types.h>
#include <sys/wait.h>

#include "os/launch.h"

/* Call waitid(2) until it is not interrupted: a tracer can interrupt it though all signals are
 * blocked. */
int launch_waitid(idtype_t type, pid_t pid, siginfo_t *info, int options);

/* Stop this process by SIG, until it is continued. */
void launch_stop(int sig);

/* If the command has stopped as a job, stop this process too, and continue the command when this
 * process is continued. */
void launch_follow_stop(struct launch *l);

#endif
