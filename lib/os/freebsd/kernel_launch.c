/* SPDX-License-Identifier: MIT */
/* The requests of the launcher: procctl(2), wait6(2). */
#include "os/freebsd/kernel.h"

#include <errno.h>
#include <sys/procctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int kernel_reap(bool on)
{
	int what = on ? PROC_REAP_ACQUIRE : PROC_REAP_RELEASE;
	return procctl(P_PID, getpid(), what, NULL) == 0 || errno == EBUSY ? 0 : -1;
}

bool kernel_reaps(void)
{
	struct procctl_reaper_status s = {0};
	return procctl(P_PID, getpid(), PROC_REAP_STATUS, &s) == 0 &&
	       (s.rs_flags & REAPER_STATUS_OWNED) != 0;
}

int kernel_death_signal(void)
{
	int sig = 0;
	return procctl(P_PID, 0, PROC_PDEATHSIG_STATUS, &sig) == 0 ? sig : 0;
}

int kernel_set_death_signal(int sig)
{
	return procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &sig);
}

static struct kernel_usage usage(const struct rusage *ru)
{
	return (struct kernel_usage){
	    .user_us = (int64_t)ru->ru_utime.tv_sec * 1000000 + ru->ru_utime.tv_usec,
	    .system_us = (int64_t)ru->ru_stime.tv_sec * 1000000 + ru->ru_stime.tv_usec,
	    .maxrss_kib = ru->ru_maxrss,
	};
}

int kernel_wait(pid_t pid, int *status, struct kernel_usage *own, struct kernel_usage *children)
{
	struct __wrusage ru;
	if (wait6(P_PID, pid, status, WEXITED, &ru, NULL) != pid)
		return -1;
	*own = usage(&ru.wru_self);
	*children = usage(&ru.wru_children);
	return 0;
}

int kernel_queue_signal(pid_t pid, int sig, union sigval value)
{
	return sigqueue(pid, sig, value);
}
