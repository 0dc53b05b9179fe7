/* SPDX-License-Identifier: MIT */
/*
 * The part of the launcher that is different here. A process cannot adopt orphans (the sampler
 * finds them by their process group and session), and the exit of its parent sends it no signal.
 */
#include "os/posix/launch_system.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "os/darwin/kernel.h"
#include "os/posix/descriptors.h"

void launch_system_note(struct launch *l)
{
	(void)l;
}

void launch_system_restore(const struct launch *l)
{
	(void)l;
}

int launch_system_adopt(void)
{
	return 0;
}

void launch_system_set_name(const char *name)
{
	(void)name;
}

void launch_system_set_death_signal(int sig)
{
	(void)sig;
}

size_t launch_system_descriptors(int **fds)
{
	return descriptors_in("/dev/fd", fds);
}

/* The kernel gives the mark of a process only when it has exited. While a process is stopped before
 * exec, it has what it held at most. */
int64_t launch_system_mark_kib(pid_t pid)
{
	struct kernel_usage u;
	return kernel_usage(pid, &u) == 0 ? (int64_t)(u.rss_bytes / 1024) : 0;
}

/* There is no sigqueue(2). */
void launch_system_pass_on(pid_t pid, const struct launch_signal *s)
{
	kill(pid, s->number);
}

/* getpgid(2) fails for a zombie. */
pid_t launch_system_group(pid_t pid)
{
	struct kernel_process p;
	return kernel_process(pid, &p) == 0 ? p.group : -1;
}

int launch_system_reap(pid_t pid, int *status, struct launch_usage *u)
{
	struct rusage ru;
	struct kernel_usage k;
	/* If it has waited for none, wait4(2) returns its own RSS. */
	bool own = kernel_usage(pid, &k) == 0 && !k.has_waited;
	if (wait4(pid, status, 0, &ru) != pid)
		return -1;
	int64_t kib = ru.ru_maxrss / 1024; /* bytes, unlike on other systems */
	*u = (struct launch_usage){
	    .user_us = launch_system_us(ru.ru_utime),
	    .system_us = launch_system_us(ru.ru_stime),
	    .maxrss_kib = kib,
	    .own_maxrss_kib = own ? kib : 0,
	    .exact = true,
	};
	return 0;
}

bool launch_system_is_stopped(pid_t pid)
{
	struct kernel_process p;
	return kernel_process(pid, &p) == 0 && p.stopped;
}

void launch_system_prevent_core(void)
{
}
