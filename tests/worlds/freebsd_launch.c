/* SPDX-License-Identifier: MIT */
/* The requests of the launcher of FreeBSD to its kernel, done by Linux, so that it can be run. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/freebsd/kernel.h"
#include "os/posix/descriptors.h"

/* Only what the launcher asks for. */
int kernel_process(pid_t pid, struct kernel_process *p)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	FILE *f = fopen(path, "r");
	*p = (struct kernel_process){.group = (pid_t)syscall(SYS_getpgid, pid)};
	if (f == NULL) {
		errno = ESRCH;
		return -1;
	}
	while (fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, "State:\tT", 8) == 0)
			p->stopped = true;
		if (strncmp(line, "VmRSS:", 6) == 0)
			p->rss_kib = strtoull(line + 6, NULL, 10);
		if (strncmp(line, "VmHWM:", 6) == 0)
			p->mark_kib = strtoull(line + 6, NULL, 10);
	}
	fclose(f);
	return 0;
}

size_t kernel_descriptors(int **fds)
{
	return descriptors_in("/proc/self/fd", fds);
}

int kernel_reap(bool on)
{
	return prctl(PR_SET_CHILD_SUBREAPER, on, 0, 0, 0);
}

bool kernel_reaps(void)
{
	int on = 0;
	return prctl(PR_GET_CHILD_SUBREAPER, &on, 0, 0, 0) == 0 && on != 0;
}

int kernel_death_signal(void)
{
	int sig = 0;
	return prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0) == 0 ? sig : 0;
}

int kernel_set_death_signal(int sig)
{
	return prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0);
}

int kernel_wait(pid_t pid, int *status, struct kernel_usage *own, struct kernel_usage *children)
{
	struct rusage ru;
	if (wait4(pid, status, 0, &ru) != pid)
		return -1;
	*children = (struct kernel_usage){0};
	*own = (struct kernel_usage){
	    .user_us = (int64_t)ru.ru_utime.tv_sec * 1000000 + ru.ru_utime.tv_usec,
	    .system_us = (int64_t)ru.ru_stime.tv_sec * 1000000 + ru.ru_stime.tv_usec,
	    .maxrss_kib = ru.ru_maxrss,
	};
	return 0;
}

int kernel_queue_signal(pid_t pid, int sig, union sigval value)
{
	return sigqueue(pid, sig, value);
}
