/* SPDX-License-Identifier: MIT */
/* The pipes of processes: links as `pipe:[4711]`. */
#include "os/posix/pipeline_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/linux/procfs.h"

uint64_t pipeline_system_pipe(pid_t pid, int fd)
{
	static const char before[] = "pipe:[";
	char path[32], name[64];
	snprintf(path, sizeof path, "fd/%d", fd);
	if (procfs_link(pid, path, name, sizeof name) <= 0 ||
	    strncmp(name, before, sizeof before - 1) != 0)
		return 0;
	return strtoull(name + sizeof before - 1, NULL, 10);
}
