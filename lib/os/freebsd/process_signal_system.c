/* SPDX-License-Identifier: MIT */
/* Handles of processes: queues for their exit. */
#include "os/posix/process_signal_system.h"

#include "os/freebsd/kernel.h"
#include "os/process_signal.h"

int process_signal_system_queue(pid_t pid)
{
	return kernel_exit_queue(pid);
}

int process_signal_started(pid_t pid, int64_t *us)
{
	struct kernel_process p;
	if (kernel_process(pid, &p) != 0)
		return -1;
	*us = kernel_boot_us() + p.start_us;
	return 0;
}
