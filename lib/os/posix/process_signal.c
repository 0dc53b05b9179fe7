/* SPDX-License-Identifier: MIT */
/*
 * Sending signals to a process through a handle, where kill(2) is the only way: the handle is a queue
 * for its exit.
 */
#include "os/process_signal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/pidmap.h"
#include "os/posix/process_signal_system.h"

/* The PIDs of handles, by handle. That of one that was closed stays until the number is used again.
 */
static struct pidmap pids;

int process_signal_open(pid_t pid)
{
	int handle = process_signal_system_queue(pid);
	if (handle >= 0)
		pidmap_set(&pids, handle, (uint32_t)pid);
	return handle;
}

bool process_signal_exited(int handle)
{
	struct pollfd p = {.fd = handle, .events = POLLIN};
	return poll(&p, 1, 0) > 0;
}

/* No call takes a handle. Between the two, the process can exit, but its PID is given to another
 * one only after its parent has waited for it. */
int process_signal_send(int handle, int sig)
{
	if (process_signal_exited(handle)) {
		errno = ESRCH;
		return -1;
	}
	return kill((pid_t)pidmap_get(&pids, handle), sig);
}
