/* SPDX-License-Identifier: MIT */
/*
 * The CPU time of other processes.
 */
#ifndef PROCESS_CLOCK_H
#define PROCESS_CLOCK_H

#include <stdint.h>
#include <sys/types.h>

/* Return the CPU time that all threads of PID have used, in ns, or 0 if it is not known. It takes
 * less than a microsecond. */
int64_t process_clock_ns(pid_t pid);

#endif
