/* SPDX-License-Identifier: MIT */
/*
 * From a process ID to a small number, such as an index in an array.
 *
 * It starts as all zeros. pidmap_free frees its memory and leaves an empty map.
 */
#ifndef PIDMAP_H
#define PIDMAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PIDMAP_NONE UINT32_MAX

struct pidmap {
	struct pidmap_slot {
		pid_t pid; /* 0: free */
		uint32_t value;
	} * slot;
	size_t n, cap; /* cap is a power of two */
};

/* Return the value of PID, or PIDMAP_NONE. */
uint32_t pidmap_get(const struct pidmap *m, pid_t pid);
void pidmap_set(struct pidmap *m, pid_t pid, uint32_t value);
void pidmap_remove(struct pidmap *m, pid_t pid);
void pidmap_free(struct pidmap *m);

#endif
