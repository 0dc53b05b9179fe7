/* SPDX-License-Identifier: MIT */
/* The signals that the launcher receives: signalfd(2). */
#define _GNU_SOURCE
#include "os/posix/launch_signals.h"

#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int launch_signals_open(struct launch *l)
{
	sigset_t all;
	memset(&all, 0xff, sizeof all); /* musl's sigfillset(3) leaves out the signals 32 to 34 */
	l->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signal_fd < 0 ? -1 : 0;
}

const sigset_t *launch_signals_mask(void)
{
	return NULL;
}

bool launch_signals_take(struct launch *l, struct launch_signal *s)
{
	struct signalfd_siginfo si;
	if (read(l->signal_fd, &si, sizeof si) != (ssize_t)sizeof si)
		return false;
	*s = (struct launch_signal){
	    .number = (int)si.ssi_signo,
	    .sent = si.ssi_code <= 0,
	    .sender = (pid_t)si.ssi_pid,
	    .queued = si.ssi_code == SI_QUEUE,
	    .uid = si.ssi_uid,
	    .value.sival_ptr = (void *)(uintptr_t)si.ssi_ptr,
	};
	return true;
}

void launch_signals_restore(void)
{
}
