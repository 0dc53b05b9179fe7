/* SPDX-License-Identifier: MIT */
/* PSS and USS of a process, and what bounds its memory: not supported. */
#include "os/process.h"

void process_read_pss(struct process *p)
{
	p->pss_known = false;
}

uint64_t process_mark_error_kib(void)
{
	return 0;
}

const char *process_bound_refusal(void)
{
	return "not supported on this system";
}
