/* SPDX-License-Identifier: MIT */
/* The CPU time of other processes. */
#include "os/process_clock.h"

#include "os/freebsd/kernel.h"

int64_t process_clock_ns(pid_t pid)
{
	return kernel_cpu_ns(pid);
}
