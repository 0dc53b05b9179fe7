/* SPDX-License-Identifier: MIT */
/*
 * The handles of a system whose kernel has event queues. (Private to process_signal.c.)
 */
#ifndef PROCESS_SIGNAL_SYSTEM_H
#define PROCESS_SIGNAL_SYSTEM_H

#include <sys/types.h>

/* Return a descriptor that is readable once the process that has PID now has exited, or -1 with
 * errno set: ESRCH if there is none. */
int process_signal_system_queue(pid_t pid);

#endif
