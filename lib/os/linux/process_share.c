/* SPDX-License-Identifier: MIT */
/* The memory of a process with shared pages counted in part, from smaps_rollup (Linux 4.14). */
#include "os/process_share.h"

#include <errno.h>

#include "os/linux/kernel.h"
#include "os/linux/procfs.h"

#define SMAPS_ROLLUP_SIZE 4096

int process_share_read(pid_t pid, struct process_share *s)
{
	char text[SMAPS_ROLLUP_SIZE];
	long n = procfs_get(pid, "smaps_rollup", text, sizeof text);
	if (n < 0 && errno == ENOENT)
		errno = kernel_has("self/smaps_rollup") ? ESRCH : ENOTSUP;
	if (n < 0)
		return -1;
	if (procfs_value(text, "Pss:") == NULL) {
		errno = ESRCH; /* a zombie has an empty file */
		return -1;
	}
	*s = (struct process_share){
	    .pss_kib = procfs_number(text, "Pss:"),
	    .swap_kib = procfs_number(text, "SwapPss:"),
	    .hugetlb_kib = procfs_number(text, "Private_Hugetlb:"),
	};
	return 0;
}
