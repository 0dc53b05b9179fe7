/* SPDX-License-Identifier: MIT */
/* Creation, execution and exit of processes: not supported. */
#include "os/process_events.h"

#include <errno.h>

int process_events_open(struct process_events *e)
{
	*e = (struct process_events){.fd = -1, .error = ENOTSUP};
	errno = ENOTSUP;
	return -1;
}

int process_events_watch(struct process_events *e, pid_t pid)
{
	(void)e, (void)pid;
	errno = ENOTSUP;
	return -1;
}

int process_events_next(struct process_events *e, struct process_event *event)
{
	(void)e, (void)event;
	return 0;
}

void process_events_close(struct process_events *e)
{
	(void)e;
}
