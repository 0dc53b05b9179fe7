/* SPDX-License-Identifier: MIT */
/* The part of the launcher that FreeBSD has of its own. */
#include "os/posix/launch_system.h"

#include "base/minmax.h"
#include "os/freebsd/kernel.h"

void launch_system_note(struct launch *l)
{
	l->death_signal = kernel_death_signal();
	l->subreaper = kernel_reaps();
}

void launch_system_restore(const struct launch *l)
{
	(void)kernel_reap(l->subreaper);
	(void)kernel_set_death_signal(l->death_signal);
}

int launch_system_adopt(void)
{
	return kernel_reap(true) == 0 ? 1 : -1;
}

/* The name is that of the program which is executed. No call sets it. */
void launch_system_set_name(const char *name)
{
	(void)name;
}

void launch_system_set_death_signal(int sig)
{
	(void)kernel_set_death_signal(sig);
}

size_t launch_system_descriptors(int **fds)
{
	return kernel_descriptors(fds);
}

int64_t launch_system_mark_kib(pid_t pid)
{
	struct kernel_process p;
	return kernel_process(pid, &p) == 0 ? (int64_t)max_u64(p.mark_kib, p.rss_kib) : 0;
}

void launch_system_pass_on(pid_t pid, const struct launch_signal *s)
{
	if (s->queued)
		(void)kernel_queue_signal(pid, s->number, s->value);
	else
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
	struct kernel_usage own, children;
	if (kernel_wait(pid, status, &own, &children) != 0)
		return -1;
	*u = (struct launch_usage){
	    .user_us = own.user_us + children.user_us,
	    .system_us = own.system_us + children.system_us,
	    .maxrss_kib = max_i64(own.maxrss_kib, children.maxrss_kib),
	    .own_maxrss_kib = own.maxrss_kib,
	};
	return 0;
}

bool launch_system_is_stopped(pid_t pid)
{
	struct kernel_process p;
	return kernel_process(pid, &p) == 0 && p.stopped;
}

/* The limit that the launcher sets is enough. */
void launch_system_prevent_core(void)
{
}
