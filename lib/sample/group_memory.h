/* SPDX-License-Identifier: MIT */
/*
 * The memory of the control group that the tree runs in, as the kernel counts it.
 */
#ifndef GROUP_MEMORY_H
#define GROUP_MEMORY_H

#include "base/buf.h"
#include "base/slice.h"
#include "os/cgroup.h"

/* Starts as all zeros: no group. */
struct group_memory {
	struct cgroup group;	      /* an empty path: none */
	struct cgroup_memory largest; /* its parts when it held the most */
};

/* Set the group to NAME, a field of a stream. If it is not found, there is no group. */
void group_memory_set(struct group_memory *g, struct slice name);

/* Read the parts if the group holds clearly more than before. The kernel keeps no peak of them. */
void group_memory_update(struct group_memory *g);

/* Append the `#` lines about the peak. */
void group_memory_write(const struct group_memory *g, struct buf *b);

#endif
