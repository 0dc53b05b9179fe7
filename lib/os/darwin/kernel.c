/* SPDX-License-Identifier: MIT */
/* The requests of this folder to the kernel: libproc, kqueue(2), sysctl(3), Mach. */
#include "os/darwin/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <libproc.h>
#include <mach-o/dyld.h>
#include <mach/mach.h>
#include <mach/mach_time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/event.h>
#include <sys/proc_info.h>
#include <sys/sysctl.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

/* ---- processes */

long kernel_list(pid_t ppid, pid_t *v, size_t most)
{
	int bytes = (int)(most * sizeof *v);
	return ppid > 0 ? proc_listchildpids(ppid, v, bytes) : proc_listallpids(v, bytes);
}

/* proc_pidinfo(3) returns a size, or 0 with errno set. */
static int info(pid_t pid, int flavor, uint64_t zombies, void *to, int size)
{
	errno = 0;
	if (proc_pidinfo(pid, flavor, zombies, to, size) == size)
		return 0;
	errno = errno != 0 ? errno : ESRCH;
	return -1;
}

int kernel_process(pid_t pid, struct kernel_process *p)
{
	struct proc_bsdshortinfo i;
	if (info(pid, PROC_PIDT_SHORTBSDINFO, 1, &i, (int)sizeof i) != 0)
		return -1;
	*p = (struct kernel_process){
	    .ppid = (pid_t)i.pbsi_ppid,
	    .group = (pid_t)i.pbsi_pgid,
	    .owner = i.pbsi_uid,
	    .zombie = i.pbsi_status == SZOMB,
	    .stopped = i.pbsi_status == SSTOP && (i.pbsi_flags & PROC_FLAG_TRACED) == 0,
	    .in_vfork = (i.pbsi_flags & PROC_FLAG_PPWAIT) != 0,
	};
	return 0;
}

int kernel_task(pid_t pid, struct kernel_task *t)
{
	struct proc_taskallinfo i;
	if (info(pid, PROC_PIDTASKALLINFO, 0, &i, (int)sizeof i) != 0)
		return -1;
	*t = (struct kernel_task){
	    .vsz_bytes = i.ptinfo.pti_virtual_size,
	    .threads = (uint64_t)i.ptinfo.pti_threadnum,
	    .faults = (uint32_t)i.ptinfo.pti_faults,
	    .start_us = (int64_t)(i.pbsd.pbi_start_tvsec * 1000000 + i.pbsd.pbi_start_tvusec),
	};
	/* pbi_comm is cut off after 15 bytes; both end with a NUL. */
	const char *name = i.pbsd.pbi_name[0] != '\0' ? i.pbsd.pbi_name : i.pbsd.pbi_comm;
	memcpy(t->name, name, strlen(name) + 1);
	return 0;
}

static int64_t ticks_to_ns(uint64_t ticks)
{
	static mach_timebase_info_data_t base;
	if (base.denom == 0)
		(void)mach_timebase_info(&base);
	return (int64_t)(ticks / base.denom * base.numer + ticks % base.denom * base.numer / base.denom);
}

int kernel_usage(pid_t pid, struct kernel_usage *u)
{
	struct rusage_info_v4 i;
	/* The declaration has a pointer to a pointer; the kernel writes where it points to. */
	if (proc_pid_rusage(pid, RUSAGE_INFO_V4, (rusage_info_t *)&i) != 0)
		return -1;
	*u = (struct kernel_usage){
	    .start = i.ri_proc_start_abstime,
	    .exited = i.ri_proc_exit_abstime != 0,
	    .rss_bytes = i.ri_resident_size,
	    .footprint_bytes = i.ri_phys_footprint,
	    .footprint_max_bytes = i.ri_lifetime_max_phys_footprint,
	    .cpu_ns = ticks_to_ns(i.ri_user_time + i.ri_system_time),
	    .has_waited = i.ri_child_elapsed_abstime != 0,
	    .read_bytes = i.ri_diskio_bytesread,
	    .write_bytes = i.ri_diskio_byteswritten,
	};
	return 0;
}

/* With a smaller buffer than the largest that arguments can take, the kernel returns their end. */
long kernel_arguments(pid_t pid, char *text, size_t size)
{
	static char *all;
	static size_t most;
	int names[] = {CTL_KERN, KERN_PROCARGS2, (int)pid};
	if (all == NULL) {
		int limit[] = {CTL_KERN, KERN_ARGMAX}, value;
		size_t length = sizeof value;
		if (sysctl(limit, 2, &value, &length, NULL, 0) != 0)
			return -1;
		most = (size_t)value;
		all = alloc_resize(NULL, most, 1);
	}
	size_t n = most;
	if (sysctl(names, 3, all, &n, NULL, 0) != 0) {
		errno = errno == EINVAL ? ESRCH : errno; /* also for a zombie */
		return -1;
	}
	n = n < size ? n : size;
	memcpy(text, all, n);
	return (long)n;
}

long kernel_program(pid_t pid, char *text, size_t size)
{
	char path[PROC_PIDPATHINFO_MAXSIZE];
	int n = proc_pidpath(pid, path, sizeof path);
	if (n <= 0 || (size_t)n >= size)
		return -1;
	memcpy(text, path, (size_t)n + 1);
	return n;
}

int kernel_own_program(char *text, size_t size)
{
	uint32_t room = (uint32_t)size;
	if (_NSGetExecutablePath(text, &room) == 0)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

uint64_t kernel_pipe(pid_t pid, int fd)
{
	struct pipe_fdinfo i;
	if (proc_pidfdinfo(pid, fd, PROC_PIDFDPIPEINFO, &i, (int)sizeof i) != (int)sizeof i)
		return 0;
	uint64_t one = i.pipeinfo.pipe_handle, other = i.pipeinfo.pipe_peerhandle;
	return one < other ? one : other;
}

/* ---- the event queue */

static const struct {
	unsigned what, note;
} notes[] = {
    {KERNEL_EXITED, NOTE_EXIT},
    {KERNEL_FORKED, NOTE_FORK},
    {KERNEL_EXECUTED, NOTE_EXEC},
};

#define NOTES (sizeof notes / sizeof *notes)
#define EVENTS 64

int kernel_queue_open(void)
{
	int fd = kqueue();
	if (fd >= 0)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

int kernel_queue_watch(int queue, pid_t pid, unsigned what)
{
	struct kevent e;
	unsigned wanted = 0;
	for (size_t i = 0; i < NOTES; i++)
		wanted |= (what & notes[i].what) != 0 ? notes[i].note : 0;
	EV_SET(&e, (uintptr_t)pid, EVFILT_PROC, EV_ADD | EV_CLEAR, wanted, 0, NULL);
	return kevent(queue, &e, 1, NULL, 0, NULL);
}

int kernel_queue_take(int queue, struct kernel_event *v, int most)
{
	const struct timespec now = {0, 0};
	struct kevent events[EVENTS];
	int n = kevent(queue, NULL, 0, events, most < EVENTS ? most : EVENTS, &now);
	for (int i = 0; i < n; i++) {
		v[i] = (struct kernel_event){.pid = (pid_t)events[i].ident};
		for (size_t k = 0; k < NOTES; k++)
			if ((events[i].fflags & notes[k].note) != 0)
				v[i].what |= notes[k].what;
	}
	return n;
}

/* ---- the machine */

uint64_t kernel_free_bytes(void)
{
	vm_statistics64_data_t s = {0};
	mach_msg_type_number_t n = HOST_VM_INFO64_COUNT;
	static mach_port_t host;
	if (host == MACH_PORT_NULL)
		host = mach_host_self();
	if (host_statistics64(host, HOST_VM_INFO64, (host_info64_t)&s, &n) != KERN_SUCCESS)
		return 0;
	return (uint64_t)s.free_count * (uint64_t)sysconf(_SC_PAGESIZE);
}
