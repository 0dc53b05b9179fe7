/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors and signals at once: ppoll(2). */
#include "os/os_poll.h"

int os_poll(struct pollfd *fds, size_t n, const struct timespec *timeout, const sigset_t *mask)
{
	return ppoll(fds, (nfds_t)n, timeout, mask);
}
