/* SPDX-License-Identifier: MIT */
/* PSS and USS of a process, the memory of two processes compared, the error of high-water marks. */
#include "os/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/minmax.h"
#include "os/linux/kernel.h"
#include "os/linux/process_file.h"
#include "os/linux/procfs.h"

#define SMAPS_ROLLUP_SIZE 4096
#define STATM_SIZE 96

void process_read_pss(struct process *p)
{
	char text[SMAPS_ROLLUP_SIZE], path[PROCESS_FILE_MAX];
	const char *name = process_file(p, "smaps_rollup", path, sizeof path);
	/* An exiting process may have released its memory since rss_kib was read. */
	p->pss_known = procfs_get(p->pid, name, text, sizeof text) > 0 &&
		       procfs_value(text, "Pss:") != NULL &&
		       procfs_number(text, "Rss:") >= p->rss_kib / 2 && process_owns_pid(p);
	if (!p->pss_known)
		return;
	p->pss_rss_kib = procfs_number(text, "Rss:");
	p->pss_kib = procfs_number(text, "Pss:");
	p->uss_kib = procfs_number(text, "Private_Clean:") + procfs_number(text, "Private_Dirty:") +
		     procfs_number(text, "Private_Hugetlb:");
}

/* Return 0 if P and OTHER use the same memory, 1 or 2 if not, or -1 if the system does not allow to
 * compare them. */
static int compare_memory(const struct process *p, const struct process *other)
{
	return kernel_compare_memory(process_task(p), process_task(other));
}

bool process_has_memory_of(const struct process *p, const struct process *other)
{
	return compare_memory(p, other) == 0;
}

/* Return whether a thread of PID is in an uninterruptible wait. A thread that has called vfork(2)
 * is, until the child executes a program or exits. */
static bool may_be_in_vfork(pid_t pid)
{
	char path[PROCESS_FILE_MAX];
	bool found = false;
	snprintf(path, sizeof path, "%ld/task", (long)pid);
	struct kernel_folder *f = kernel_folder_open(path);
	if (f == NULL)
		return false;
	for (pid_t id; !found && (id = kernel_folder_next(f)) > 0;) {
		struct procfs_stat thread;
		found = procfs_stat(id, &thread) == 0 && thread.state == 'D';
	}
	kernel_folder_close(f);
	return found;
}

bool process_shares_memory(const struct process *p, const struct process *parent)
{
	char text[STATM_SIZE];
	uint64_t page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024, vsz, rss;
	int differ = compare_memory(p, parent);
	if (differ >= 0)
		return differ == 0;
	/* kcmp(2) is not allowed. A copy made by fork(2) can have the same VSZ and RSS too, and
	 * must be counted. Memory that is shared other than by vfork(2) is then counted twice. */
	if (procfs_get(p->pid, "statm", text, sizeof text) <= 0 ||
	    sscanf(text, "%" SCNu64 " %" SCNu64, &vsz, &rss) != 2)
		return false;
	return vsz * page_kib == parent->vsz_kib &&
	       apart_u64(rss * page_kib, parent->rss_kib) <= 64 && may_be_in_vfork(parent->pid);
}

/* percpu_counter_batch pages on each CPU where it ran: max(32, 2 * CPUs). Before Linux 6.2, 64 pages for
 * each thread. */
uint64_t process_mark_error_kib(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = cpus > 1 ? (uint64_t)cpus : 1;
	uint64_t batch = n > 16 ? 2 * n : 32;
	return max_u64(batch * (n < 4 ? n : 4), 64) * ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
}

const char *process_bound_refusal(void)
{
	return NULL;
}
