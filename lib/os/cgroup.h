/* SPDX-License-Identifier: MIT */
/*
 * Control groups: the processes of one, its memory as the kernel counts it, and a new one for a
 * command.
 *
 * Functions return 0, or -1 with errno set. errno is ENOTSUP if no control group here counts
 * memory.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/processes.h"

#define CGROUP_PATH 512

struct cgroup {
	char path[CGROUP_PATH]; /* its directory */

	/* private to lib/os */
	char own[CGROUP_PATH]; /* of a group that was made: the group of this process */
	bool moved; /* this process has moved to OWN, below the group in which it started */
	bool v2;
};

/* Memory of a group and the groups below it. */
struct cgroup_memory {
	uint64_t current_kib;

	/* parts of current_kib; they can be from a moment before */
	uint64_t anon_kib;
	uint64_t file_kib;  /* page cache that can be written back or dropped */
	uint64_t shmem_kib; /* shared memory and files of tmpfs */
	uint64_t kernel_kib;
};

/* Find a group by its directory, or by its path below the root of the hierarchy that counts memory.
 * errno is ENOENT if there is no such group. */
int cgroup_find(struct cgroup *g, const char *name);

/* Find the group of this process. */
int cgroup_own(struct cgroup *g);

/* Append all processes of G and of the groups below it to L. */
int cgroup_members(const struct cgroup *g, struct process_list *l);

/*
 * Make a group that counts memory, below the group of this process, so that the limits of the
 * latter apply too. In version 2, this process moves to another new group below its own. errno is
 * EBUSY if that is not possible because its group has other processes. On failure, the path of G is
 * the directory in which the group could not be made, or "".
 */
int cgroup_make(struct cgroup *g);

/* Find the group of this process. Return 0 if a group can be made below it as far as can be seen,
 * or -1 with errno set as cgroup_make() would. */
int cgroup_check(struct cgroup *g);

/* Move the process PID into G. */
int cgroup_enter(const struct cgroup *g, pid_t pid);

/* Remove the groups that cgroup_make() made. Move the processes that are still in them to the group
 * in which this process started. */
int cgroup_remove(const struct cgroup *g);

/* Store the peak of the group's memory, as the kernel counts it. */
int cgroup_peak(const struct cgroup *g, uint64_t *kib);

/* Store the group's memory now. */
int cgroup_current(const struct cgroup *g, uint64_t *kib);

/* Store the group's memory now, and its parts. */
int cgroup_memory(const struct cgroup *g, struct cgroup_memory *m);

/* Store how many processes the out-of-memory killer has ended in G, or on the whole machine if G is
 * NULL. */
int cgroup_oom_kills(const struct cgroup *g, uint64_t *n);

#endif
