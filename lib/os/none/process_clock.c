/* SPDX-License-Identifier: MIT */
/* The CPU time of other processes: not known. */
#include "os/process_clock.h"

int64_t process_clock_ns(pid_t pid)
{
	(void)pid;
	return 0;
}
