/* SPDX-License-Identifier: MIT */
/* The free memory of the machine: sysinfo(2). */
#include "os/free_memory.h"

#include <sys/sysinfo.h>

uint64_t free_memory_kib(void)
{
	struct sysinfo info;
	return sysinfo(&info) == 0 ? (uint64_t)info.freeram * info.mem_unit / 1024 : 0;
}
