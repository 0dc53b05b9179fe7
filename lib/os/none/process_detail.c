/* SPDX-License-Identifier: MIT */
/* Details of a process besides its memory: not supported. */
#include "os/process_detail.h"

void process_detail_read(struct process_detail *d, const struct process *p, unsigned wanted)
{
	(void)p, (void)wanted;
	d->known = 0;
}

void process_detail_free(struct process_detail *d)
{
	(void)d;
}
