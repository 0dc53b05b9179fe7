/* SPDX-License-Identifier: MIT */
/*
 * The memory of a control group, for a limit.
 */
#ifndef LIMIT_GROUP_H
#define LIMIT_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "os/cgroup.h"

/* Begins as all zeros: no group. */
struct limit_group {
	struct cgroup group;
	bool found;
	uint64_t before_kib; /* its peak at the start */
	uint64_t peak_kib;   /* its peak at the end; 0: not known */
};

/* Take the `#` line LINE into account: it can name the group, or have its peak. */
void limit_group_meta(struct limit_group *g, struct slice line);

/* Return the memory of the group now, or 0 if it cannot be read. */
uint64_t limit_group_now_kib(const struct limit_group *g);

/* Return the peak of the group at the end, or 0 if it is not known or was reached before the
 * start. */
uint64_t limit_group_peak_kib(const struct limit_group *g);

#endif
