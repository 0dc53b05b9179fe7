/* SPDX-License-Identifier: MIT */
/* Handles of processes: event queues. */
#include "os/posix/process_signal_system.h"

#include <errno.h>
#include <unistd.h>

#include "os/darwin/kernel.h"
#include "os/process_signal.h"

int process_signal_system_queue(pid_t pid)
{
	struct kernel_process p;
	int queue = kernel_queue_open();
	if (queue < 0)
		return -1;
	int error = kernel_queue_watch(queue, pid, KERNEL_EXITED) != 0 ? errno : 0;
	/* It could have exited just before. */
	if (error == 0 && (kernel_process(pid, &p) != 0 || p.zombie))
		error = ESRCH;
	if (error == 0)
		return queue;
	close(queue);
	errno = error;
	return -1;
}

int process_signal_started(pid_t pid, int64_t *us)
{
	struct kernel_task t;
	if (kernel_task(pid, &t) != 0)
		return -1;
	*us = t.start_us;
	return 0;
}
