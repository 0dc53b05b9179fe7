/* SPDX-License-Identifier: MIT */
/*
 * The memory of a process, with shared pages counted in part.
 */
#ifndef PROCESS_SHARE_H
#define PROCESS_SHARE_H

#include <stdint.h>
#include <sys/types.h>

struct process_share {
	uint64_t pss_kib; /* resident pages, each divided by the number of processes that map it */
	uint64_t swap_kib;    /* swapped out, likewise */
	uint64_t hugetlb_kib; /* hugetlb pages that no other process maps */
};

/*
 * Read the share of PID. The kernel visits every page for it. Return 0, or -1 with errno set:
 * ENOTSUP if the system does not have it, ESRCH if the process has exited. The PID can belong to
 * another process by then.
 */
int process_share_read(pid_t pid, struct process_share *s);

#endif
