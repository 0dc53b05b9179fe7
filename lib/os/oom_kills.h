/* SPDX-License-Identifier: MIT */
/*
 * Counting the processes that the out-of-memory killer ends during a run.
 */
#ifndef OOM_KILLS_H
#define OOM_KILLS_H

#include <stdint.h>

#include "os/cgroup.h"

struct oom_kills {
	/* private to oom_kills.c */
	struct cgroup group; /* path "": the whole machine */
	uint64_t before;     /* the count at the start */
};

/*
 * Start to count. OWN is a control group that was made for the command. If it is NULL, count in the
 * control group of this process, or on the whole machine if that group has no count.
 */
void oom_kills_start(struct oom_kills *o, const struct cgroup *own);

/* Return how many processes were killed since the start; 0 if that is unknown. */
uint64_t oom_kills_count(const struct oom_kills *o);

#endif
