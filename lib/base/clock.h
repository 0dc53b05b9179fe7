/*
 * Time that never runs backwards: the wall clock when the program started,
 * plus what the monotonic clock has counted since.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

struct clock {
	int64_t offset_ns;
};

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t clock_mono_ns(void);

/* Nanoseconds of CPU time that this process has used. */
int64_t clock_cpu_ns(void);

struct clock clock_start(void);

/* Unix time in microseconds of the monotonic moment MONO_NS. */
int64_t clock_unix_us(const struct clock *c, int64_t mono_ns);

#endif
