/* SPDX-License-Identifier: MIT */
/* The memory of a process with shared pages counted in part: not supported. */
#include "os/process_share.h"

#include <errno.h>

int process_share_read(pid_t pid, struct process_share *s)
{
	(void)pid, (void)s;
	errno = ENOTSUP;
	return -1;
}
