/* SPDX-License-Identifier: MIT */
/*
 * Time that never decreases: the wall clock at the start of the program, plus the time that the
 * monotonic clock has counted since.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

struct clock {
	int64_t offset_ns;
};

/* Return the time of CLOCK_MONOTONIC. */
int64_t clock_mono_ns(void);

/* Return the CPU time of this process. */
int64_t clock_cpu_ns(void);

/* Read both clocks. */
struct clock clock_start(void);

/* Return the Unix time at MONO_NS of the monotonic clock. */
int64_t clock_unix_us(const struct clock *c, int64_t mono_ns);

#endif
