/* SPDX-License-Identifier: MIT */
/*
 * The free memory of the machine.
 */
#ifndef FREE_MEMORY_H
#define FREE_MEMORY_H

#include <stdint.h>

/* Return the free memory in KiB, or 0 if it is not known. It takes less than a microsecond. The
 * kernel counts some pages of each CPU late. */
uint64_t free_memory_kib(void);

#endif
