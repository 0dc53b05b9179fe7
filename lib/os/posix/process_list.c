/* SPDX-License-Identifier: MIT */
/* Lists of processes. */
#include "os/processes.h"

#include <stdlib.h>

#include "base/alloc.h"

void process_list_add(struct process_list *l, pid_t pid, pid_t ppid)
{
	l->v = alloc_grow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = (struct process_id){pid, ppid};
}

void process_list_free(struct process_list *l)
{
	free(l->v);
	*l = (struct process_list){0};
}
