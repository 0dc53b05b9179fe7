/* Descriptors in their place. */
#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fd_above(int fd, int least)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, least + 1), why = errno;
	close(fd);
	errno = why;
	return up;
}
