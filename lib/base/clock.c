/* SPDX-License-Identifier: MIT */
/* Time that never decreases. */
#include "base/clock.h"

#include <time.h>

static int64_t read_ns(clockid_t id)
{
	struct timespec t = {0};
	(void)clock_gettime(id, &t); /* it only fails for an unknown clock */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_cpu_ns(void)
{
	return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

struct clock clock_start(void)
{
	return (struct clock){read_ns(CLOCK_REALTIME) - clock_mono_ns()};
}

int64_t clock_unix_us(const struct clock *c, int64_t mono_ns)
{
	return (c->offset_ns + mono_ns) / 1000;
}
