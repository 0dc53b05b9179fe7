/* SPDX-License-Identifier: MIT */
/* The path of the running program. */
#include "os/posix/paths_system.h"

#include "os/freebsd/kernel.h"

int paths_system_program(char *path, size_t size)
{
	return kernel_program(-1, path, size);
}
