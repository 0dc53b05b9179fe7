/* SPDX-License-Identifier: MIT */
/*
 * Waiting for descriptors and signals at once.
 */
#ifndef OS_POLL_H
#define OS_POLL_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

/*
 * Wait as poll(2) does, for at most TIMEOUT (NULL: without limit), with MASK as the signal mask
 * while waiting. Return the number of ready descriptors, 0 on timeout, or -1 with errno set
 * (EINTR if a signal was delivered).
 */
int os_poll(struct pollfd *fds, size_t n, const struct timespec *timeout, const sigset_t *mask);

#endif
