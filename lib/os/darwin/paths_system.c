/* SPDX-License-Identifier: MIT */
/* The path of the running program. */
#include "os/posix/paths_system.h"

#include "os/darwin/kernel.h"

int paths_system_program(char *path, size_t size)
{
	return kernel_own_program(path, size);
}
