/* Events for page faults: not supported. */
#include "os/fault_events.h"

#include <errno.h>

int fault_events_init(struct fault_events *f)
{
	*f =
	    (struct fault_events){.level = FAULT_EVENTS_REFUSED, .signal_fd = -1, .error = ENOTSUP};
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
	return "not supported on this system";
}

const char *fault_events_advice(const char *reason)
{
	(void)reason;
	return "";
}

void fault_events_take(struct fault_events *f, struct fault_events_pending *pending)
{
	(void)f;
	*pending = (struct fault_events_pending){0};
}

uint64_t fault_events_count(const struct fault_events *f)
{
	(void)f;
	return 0;
}

void fault_events_free(struct fault_events *f)
{
	(void)f;
}
