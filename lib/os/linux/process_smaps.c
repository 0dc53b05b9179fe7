/* PSS and USS of a process, and the error of its high-water mark. */
#include "os/process.h"

#include <unistd.h>

#include "os/linux/process_file.h"
#include "os/linux/procfs.h"

#define SMAPS_ROLLUP_SIZE 4096

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
	p->pss_kib = procfs_number(text, "Pss:");
	p->uss_kib = procfs_number(text, "Private_Clean:") + procfs_number(text, "Private_Dirty:") +
		     procfs_number(text, "Private_Hugetlb:");
}

/* percpu_counter_batch pages on each CPU where it ran: max(32, 2 * CPUs). */
uint64_t process_mark_error_kib(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = cpus > 1 ? (uint64_t)cpus : 1;
	uint64_t batch = n > 16 ? 2 * n : 32;
	return batch * (n < 4 ? n : 4) * ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
}
