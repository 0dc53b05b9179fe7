/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors and signals at once: not supported. */
#include "os/os_poll.h"

#include <errno.h>

int os_poll(struct pollfd *fds, size_t n, const struct timespec *timeout, const sigset_t *mask)
{
	(void)fds, (void)n, (void)timeout, (void)mask;
	errno = ENOTSUP;
	return -1;
}
