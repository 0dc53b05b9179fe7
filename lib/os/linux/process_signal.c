/* SPDX-License-Identifier: MIT */
/* Sending signals to a process through a pidfd. */
#include "os/process_signal.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>

#include "os/linux/kernel.h"
#include "os/linux/procfs.h"

int process_signal_open(pid_t pid)
{
	int handle = kernel_handle_open(pid);
	/* Only a seccomp filter refuses this call with EPERM. */
	if (handle < 0 && errno == EPERM)
		errno = ENOSYS;
	return handle;
}

bool process_signal_exited(int handle)
{
	struct pollfd p = {.fd = handle, .events = POLLIN};
	int n = poll(&p, 1, 0);
	return n > 0 || (n < 0 && kernel_handle_signal(handle, 0) != 0 && errno == ESRCH);
}

int process_signal_send(int handle, int sig)
{
	/* A zombie accepts signals. */
	if (process_signal_exited(handle)) {
		errno = ESRCH;
		return -1;
	}
	return kernel_handle_signal(handle, sig);
}

int process_signal_started(pid_t pid, int64_t *us)
{
	return procfs_start_us(pid, us);
}
