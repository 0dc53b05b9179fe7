/* SPDX-License-Identifier: MIT */
/* The free memory of the machine. */
#include "os/free_memory.h"

#include "os/freebsd/kernel.h"

uint64_t free_memory_kib(void)
{
	return kernel_free_kib();
}
