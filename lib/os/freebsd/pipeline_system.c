/* SPDX-License-Identifier: MIT */
/* The pipes of processes. */
#include "os/posix/pipeline_system.h"

#include "os/freebsd/kernel.h"

uint64_t pipeline_system_pipe(pid_t pid, int fd)
{
	return kernel_pipe(pid, fd);
}
