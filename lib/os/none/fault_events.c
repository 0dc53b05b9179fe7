/* SPDX-License-Identifier: MIT */
/* Events for page faults: not supported. */
#include "os/fault_events.h"

#include <errno.h>

int fault_events_init(struct fault_events *f)
{
	*f = (struct fault_events){.signal_fd = -1, .clock_fd = -1, .error = ENOTSUP};
	return 0;
}

int fault_events_watch(struct fault_events *f, pid_t pid)
{
	(void)f, (void)pid;
	errno = ENOTSUP;
	return -1;
}

const char *fault_events_refusal(const struct fault_events *f)
{
	(void)f;
	return FAULT_EVENTS_UNSUPPORTED;
}

const char *fault_events_advice(const char *reason)
{
	(void)reason;
	return "";
}

bool fault_events_take(struct fault_events *f)
{
	(void)f;
	return false;
}

void fault_events_unwatch(struct fault_events *f)
{
	(void)f;
}

void fault_events_arm(struct fault_events *f, bool on)
{
	(void)f, (void)on;
}

void fault_events_arm_clock(struct fault_events *f, bool on)
{
	(void)f, (void)on;
}

void fault_events_take_clock(struct fault_events *f)
{
	(void)f;
}

void fault_events_free(struct fault_events *f)
{
	(void)f;
}
