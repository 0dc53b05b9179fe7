/* SPDX-License-Identifier: MIT */
/* Descriptors: their numbers and their limit. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define SPARE 16 /* for standard streams, files and pipes */

int fd_above(int fd, int least)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, least + 1), error = errno;
	close(fd);
	errno = error;
	return up;
}

size_t fd_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > SPARE
		   ? (size_t)(limit.rlim_cur - SPARE)
		   : 0;
}
