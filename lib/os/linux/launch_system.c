/* SPDX-License-Identifier: MIT */
/* The part of the launcher that only Linux has: prctl(2) and /proc. */
#define _GNU_SOURCE
#include "os/posix/launch_system.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/minmax.h"
#include "os/linux/procfs.h"
#include "os/posix/descriptors.h"

/* ---- what exec(3) preserves and a child does not inherit */

void launch_system_note(struct launch *l)
{
	(void)prctl(PR_GET_PDEATHSIG, &l->death_signal, 0, 0, 0);
	(void)prctl(PR_GET_CHILD_SUBREAPER, &l->subreaper, 0, 0, 0);
}

void launch_system_restore(const struct launch *l)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, l->subreaper, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, l->death_signal, 0, 0, 0);
}

int launch_system_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 1 : -1;
}

/* ---- the command before exec */

void launch_system_set_name(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

void launch_system_set_death_signal(int sig)
{
	prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0);
}

size_t launch_system_descriptors(int **fds)
{
	return descriptors_in("/proc/self/fd", fds);
}

int64_t launch_system_mark_kib(pid_t pid)
{
	/* Before Linux 6.2, up to 64 pages are not in VmHWM yet. smaps_rollup has them all. */
	char text[4096];
	uint64_t mark = procfs_get(pid, "status", text, sizeof text) > 0 ? procfs_number(text, "VmHWM:") : 0;
	uint64_t rss = procfs_get(pid, "smaps_rollup", text, sizeof text) > 0 ? procfs_number(text, "Rss:") : 0;
	return (int64_t)max_u64(mark, rss);
}

void launch_system_pass_on(pid_t pid, const struct launch_signal *s)
{
	siginfo_t info = {.si_signo = s->number, .si_code = SI_QUEUE};
	info.si_pid = s->sender;
	info.si_uid = s->uid;
	info.si_value = s->value;
	if (s->queued)
		syscall(SYS_rt_sigqueueinfo, pid, s->number, &info);
	else
		kill(pid, s->number);
}

/* ---- exits */

/* Return whether the zombie PID has waited for no child. Then wait4(2) returns its own RSS. */
static bool waited_for_none(pid_t pid)
{
	struct procfs_stat st;
	return procfs_stat(pid, &st) == 0 && st.children_faults == 0;
}

pid_t launch_system_group(pid_t pid)
{
	return getpgid(pid);
}

int launch_system_reap(pid_t pid, int *status, struct launch_usage *u)
{
	struct rusage ru;
	bool own = waited_for_none(pid);
	if (wait4(pid, status, 0, &ru) != pid)
		return -1;
	*u = (struct launch_usage){
	    .user_us = launch_system_us(ru.ru_utime),
	    .system_us = launch_system_us(ru.ru_stime),
	    .maxrss_kib = ru.ru_maxrss,
	    .own_maxrss_kib = own ? ru.ru_maxrss : 0,
	    .exact = true,
	};
	return 0;
}

/* A process that a tracer has stopped has another state. */
bool launch_system_is_stopped(pid_t pid)
{
	char text[4096];
	const char *state =
	    procfs_get(pid, "status", text, sizeof text) > 0 ? procfs_value(text, "State:") : NULL;
	return state != NULL && *state == 'T';
}

/* A core_pattern that is a pipe ignores the limit. */
void launch_system_prevent_core(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
