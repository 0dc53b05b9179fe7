/* SPDX-License-Identifier: MIT */
/* The free memory of the machine. */
#include "os/free_memory.h"

#include "os/darwin/kernel.h"

uint64_t free_memory_kib(void)
{
	return kernel_free_bytes() / 1024;
}
