/* SPDX-License-Identifier: MIT */
/* Asking the kernel about processes and the machine: sysctl(3). */
#include "os/freebsd/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/user.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

/* Between the question for a size and the read, a table can grow by this part. */
#define GROWTH_PART 8

static int64_t to_us(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

/* Read kern.proc.WHAT of PID into V, of *SIZE bytes, and set *SIZE to what was read. A value that
 * is too long is cut, with ENOMEM. */
static int read_table(int what, pid_t pid, void *v, size_t *size)
{
	int name[] = {CTL_KERN, KERN_PROC, what, pid};
	return sysctl(name, what == KERN_PROC_PROC ? 3 : 4, v, size, NULL, 0);
}

/* The same, into memory that the caller frees. Return NULL if it fails. */
static char *read_whole_table(int what, pid_t pid, size_t *size)
{
	char *v = NULL;
	int status;
	do {
		if (read_table(what, pid, NULL, size) != 0)
			break;
		*size += *size / GROWTH_PART;
		v = alloc_resize(v, *size + 1, 1);
		status = read_table(what, pid, v, size);
		if (status == 0)
			return v;
	} while (errno == ENOMEM);
	free(v);
	return NULL;
}

/* ---- one process */

int64_t kernel_boot_us(void)
{
	int name[] = {CTL_KERN, KERN_BOOTTIME};
	struct timeval t = {0};
	size_t size = sizeof t;
	(void)sysctl(name, 2, &t, &size, NULL, 0);
	return to_us(t);
}

static void take(struct kernel_process *p, const struct kinfo_proc *k, int64_t boot_us)
{
	uint64_t page_kib = (uint64_t)getpagesize() / 1024;
	*p = (struct kernel_process){
	    .ppid = k->ki_ppid,
	    .group = k->ki_pgid,
	    .uid = k->ki_uid,
	    .start_us = to_us(k->ki_start) - boot_us,
	    .space = (uint64_t)(uintptr_t)k->ki_vmspace,
	    .zombie = k->ki_stat == SZOMB,
	    .stopped = k->ki_stat == SSTOP && (k->ki_flag & P_TRACED) == 0,
	    .kernel = (k->ki_flag & P_SYSTEM) != 0,
	    .rss_kib = (uint64_t)k->ki_rssize * page_kib,
	    .vsz_kib = (uint64_t)k->ki_size / 1024,
	    .mark_kib = (uint64_t)k->ki_rusage.ru_maxrss,
	    .threads = (uint64_t)k->ki_numthreads,
	    .faults = (uint64_t)(k->ki_rusage.ru_minflt + k->ki_rusage.ru_majflt),
	    .cpu_us = k->ki_runtime,
	};
	(void)strlcpy(p->name, k->ki_comm, sizeof p->name);
}

/* The kernel adds the boot time to start times, and moves it when the clock is set: read it before
 * and after, until it is the same. */
int kernel_process(pid_t pid, struct kernel_process *p)
{
	struct kinfo_proc k;
	int64_t boot_us, after_us = kernel_boot_us();
	do {
		size_t size = sizeof k;
		boot_us = after_us;
		if (read_table(KERN_PROC_PID, pid, &k, &size) != 0)
			return -1;
		if (size < sizeof k || k.ki_structsize != (int)sizeof k)
			return fail(size == 0 ? ESRCH : ENOTSUP);
		after_us = kernel_boot_us();
	} while (after_us != boot_us);
	take(p, &k, boot_us);
	return 0;
}

int kernel_processes(struct kernel_id **v, size_t *n)
{
	size_t size;
	char *table = read_whole_table(KERN_PROC_PROC, 0, &size);
	if (table == NULL)
		return -1;
	*n = size / sizeof(struct kinfo_proc);
	*v = alloc_resize(NULL, *n + 1, sizeof **v);
	for (size_t i = 0; i < *n; i++) {
		struct kinfo_proc k;
		memcpy(&k, table + i * sizeof k, sizeof k);
		(*v)[i] = (struct kernel_id){k.ki_pid, k.ki_ppid};
	}
	free(table);
	return 0;
}

long kernel_arguments(pid_t pid, char *text, size_t size)
{
	if (read_table(KERN_PROC_ARGS, pid, text, &size) != 0 && errno != ENOMEM)
		return -1;
	return (long)size;
}

int kernel_program(pid_t pid, char *path, size_t size)
{
	if (read_table(KERN_PROC_PATHNAME, pid, path, &size) != 0)
		return -1;
	return size > 1 ? 0 : fail(ENOENT);
}

int kernel_regions(pid_t pid, uint64_t *n)
{
	size_t size;
	int entry;
	char *v = read_whole_table(KERN_PROC_VMMAP, pid, &size);
	if (v == NULL)
		return -1;
	*n = 0;
	/* Each entry begins with its size. */
	for (size_t at = 0; at + sizeof entry <= size; at += (size_t)entry) {
		memcpy(&entry, v + at, sizeof entry);
		if (entry <= 0)
			break;
		++*n;
	}
	free(v);
	return 0;
}

int64_t kernel_cpu_ns(pid_t pid)
{
	clockid_t id;
	struct timespec t;
	if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &t) != 0)
		return 0;
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- descriptors */

/* Copy the entry of a table of descriptors at *AT, and move *AT to the next. Return false at the
 * end. Entries differ in length. */
static bool next_file(const char *v, size_t size, size_t *at, struct kinfo_file *f)
{
	int length;
	if (*at + sizeof length > size)
		return false;
	memcpy(&length, v + *at, sizeof length);
	if (length <= 0 || (size_t)length > size - *at)
		return false;
	memset(f, 0, sizeof *f);
	memcpy(f, v + *at, (size_t)length < sizeof *f ? (size_t)length : sizeof *f);
	*at += (size_t)length;
	return true;
}

size_t kernel_descriptors(int **fds)
{
	struct kinfo_file f;
	size_t size, n = 0, cap = 0;
	char *v = read_whole_table(KERN_PROC_FILEDESC, getpid(), &size);
	*fds = NULL;
	if (v == NULL)
		return 0;
	for (size_t at = 0; next_file(v, size, &at, &f);) {
		if (f.kf_fd < 0)
			continue; /* the working directory and the like */
		*fds = alloc_grow(*fds, &cap, n + 1, sizeof **fds);
		(*fds)[n++] = f.kf_fd;
	}
	free(v);
	return n;
}

uint64_t kernel_pipe(pid_t pid, int fd)
{
	struct kinfo_file f;
	size_t size;
	uint64_t id = 0;
	char *v = read_whole_table(KERN_PROC_FILEDESC, pid, &size);
	if (v == NULL)
		return 0;
	for (size_t at = 0; next_file(v, size, &at, &f);) {
		if (f.kf_fd != fd || f.kf_type != KF_TYPE_PIPE)
			continue;
		/* The own address of one end is that of the peer at the other. */
		uint64_t own = f.kf_un.kf_pipe.kf_pipe_addr, peer = f.kf_un.kf_pipe.kf_pipe_peer;
		id = own < peer ? own : peer;
	}
	free(v);
	return id;
}

/* ---- the machine */

uint64_t kernel_free_kib(void)
{
	unsigned pages = 0;
	size_t size = sizeof pages;
	if (sysctlbyname("vm.stats.vm.v_free_count", &pages, &size, NULL, 0) != 0)
		return 0;
	return (uint64_t)pages * (uint64_t)getpagesize() / 1024;
}
