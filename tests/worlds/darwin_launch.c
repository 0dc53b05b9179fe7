/* SPDX-License-Identifier: MIT */
/*
 * The kernel below lib/os/darwin/launch_system.c, played by Linux: the same answers about real
 * processes, in the units of macOS.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/darwin/kernel.h"
#include "os/linux/procfs.h"

int kernel_usage(pid_t pid, struct kernel_usage *u)
{
	char text[4096];
	struct procfs_stat st;
	if (procfs_stat(pid, &st) != 0)
		return -1;
	*u = (struct kernel_usage){
	    .start = st.start_ticks,
	    .exited = st.state == 'Z',
	    .has_waited = st.children_faults != 0,
	};
	if (procfs_get(pid, "status", text, sizeof text) > 0)
		u->rss_bytes = procfs_number(text, "VmHWM:") * 1024;
	return 0;
}

int kernel_process(pid_t pid, struct kernel_process *p)
{
	struct procfs_stat st;
	if (procfs_stat(pid, &st) != 0)
		return -1;
	*p = (struct kernel_process){
	    .ppid = st.ppid, .group = (pid_t)syscall(SYS_getpgid, pid), .zombie = st.state == 'Z', .stopped = st.state == 'T'};
	return 0;
}

/* This takes the place of the C library's. macOS has ru_maxrss in bytes. */
pid_t wait4(pid_t pid, int *status, int options, struct rusage *ru)
{
	pid_t found = (pid_t)syscall(SYS_wait4, pid, status, options, ru);
	if (found > 0 && ru != NULL)
		ru->ru_maxrss *= 1024;
	return found;
}
