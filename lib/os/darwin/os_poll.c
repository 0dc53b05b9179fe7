/* SPDX-License-Identifier: MIT */
/*
 * Waiting for descriptors and signals at once. There is no ppoll(2), and pselect(2) cannot wait for
 * an error alone, as of a descriptor without events: this is checked from time to time.
 */
#include "os/os_poll.h"

#include <errno.h>
#include <sys/select.h>

#include "base/clock.h"
#include "base/minmax.h"

#define CHECK_NS 100000000LL

/* Wait until a descriptor may be ready, for at most NS. Return -1 with errno set if that fails. */
static int wait_for(const struct pollfd *fds, size_t n, int64_t ns, const sigset_t *mask)
{
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
	fd_set in, out;
	int largest = -1;
	FD_ZERO(&in);
	FD_ZERO(&out);
	for (size_t i = 0; i < n; i++) {
		if (fds[i].fd < 0 || fds[i].events == 0)
			continue;
		if (fds[i].fd >= FD_SETSIZE) {
			errno = EINVAL;
			return -1;
		}
		FD_SET(fds[i].fd, (fds[i].events & POLLIN) != 0 ? &in : &out);
		largest = fds[i].fd > largest ? fds[i].fd : largest;
	}
	return pselect(largest + 1, &in, &out, NULL, ns < INT64_MAX ? &t : NULL, mask);
}

/* Return the longest time until the next check, or INT64_MAX if none is necessary. */
static int64_t check_ns(const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd >= 0 && fds[i].events == 0)
			return CHECK_NS;
	return INT64_MAX;
}

int os_poll(struct pollfd *fds, size_t n, const struct timespec *timeout, const sigset_t *mask)
{
	int64_t until = INT64_MAX, most = check_ns(fds, n);
	if (timeout != NULL)
		until = clock_mono_ns() + (int64_t)timeout->tv_sec * 1000000000 + timeout->tv_nsec;
	for (;;) {
		int ready = poll(fds, (nfds_t)n, 0);
		int64_t left = until == INT64_MAX ? INT64_MAX : until - clock_mono_ns();
		if (ready != 0)
			return ready;
		if (wait_for(fds, n, min_i64(max_i64(left, 0), most), mask) < 0)
			return -1;
		if (left <= 0)
			return poll(fds, (nfds_t)n, 0);
	}
}
