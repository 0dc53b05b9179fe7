/* SPDX-License-Identifier: MIT */
/* The CPU time of other processes. */
#include "os/process_clock.h"

#include "os/darwin/kernel.h"

int64_t process_clock_ns(pid_t pid)
{
	struct kernel_usage u;
	return kernel_usage(pid, &u) == 0 && !u.exited ? u.cpu_ns : 0;
}
