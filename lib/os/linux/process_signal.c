/* SPDX-License-Identifier: MIT */
/* Sending signals to a process through a pidfd. */
#define _GNU_SOURCE
#include "os/process_signal.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/linux/procfs.h"

/* Linux 5.3. Headers of an older system do not have the number. Only a seccomp filter refuses this
 * call with EPERM. */
int process_signal_open(pid_t pid)
{
#ifdef SYS_pidfd_open
	int handle = (int)syscall(SYS_pidfd_open, pid, 0);
	if (handle < 0 && errno == EPERM)
		errno = ENOSYS;
	return handle;
#else
	(void)pid;
	errno = ENOSYS;
	return -1;
#endif
}

/* Linux 5.1. */
static int pidfd_signal(int fd, int sig)
{
#ifdef SYS_pidfd_send_signal
	return (int)syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
#else
	(void)fd, (void)sig;
	errno = ENOSYS;
	return -1;
#endif
}

bool process_signal_exited(int handle)
{
	struct pollfd p = {.fd = handle, .events = POLLIN};
	int n = poll(&p, 1, 0);
	return n > 0 || (n < 0 && pidfd_signal(handle, 0) != 0 && errno == ESRCH);
}

int process_signal_send(int handle, int sig)
{
	/* A zombie accepts signals. */
	if (process_signal_exited(handle)) {
		errno = ESRCH;
		return -1;
	}
	return pidfd_signal(handle, sig);
}

int process_signal_started(pid_t pid, int64_t *us)
{
	return procfs_start_us(pid, us);
}
