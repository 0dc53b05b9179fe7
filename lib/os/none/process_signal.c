/* SPDX-License-Identifier: MIT */
/* Sending signals to a process through a handle: not supported. */
#include "os/process_signal.h"

#include <errno.h>

static int unsupported(void)
{
	errno = ENOTSUP;
	return -1;
}

int process_signal_open(pid_t pid)
{
	(void)pid;
	return unsupported();
}

bool process_signal_exited(int handle)
{
	(void)handle;
	return false;
}

int process_signal_send(int handle, int sig)
{
	(void)handle, (void)sig;
	return unsupported();
}

int process_signal_started(pid_t pid, int64_t *us)
{
	(void)pid, (void)us;
	return unsupported();
}
