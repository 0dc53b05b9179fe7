/*
 * Control groups, of version 1 and 2: who is in one, what memory it needed by
 * the kernel's own account, and one made for a command. (Linux: /sys/fs/cgroup.)
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/processes.h"

#define CGROUP_PATH 512

struct cgroup {
	char path[CGROUP_PATH]; /* its directory */
	char home[CGROUP_PATH]; /* of one that we made: where we are ourselves */
	int v2;
};

/* What the kernel counts for a group and those below it, in KiB. */
struct cgroup_memory {
	uint64_t current_kib;
	uint64_t anon_kib, file_kib, kernel_kib; /* of which */
};

/* NAME is a directory, or its path below the root of the memory hierarchy, as in
 * /proc/PID/cgroup. 0, or -1 with errno set: ENOENT if there is no such group. */
int cgroup_find(struct cgroup *g, const char *name);

/* The group that we are in ourselves. 0, or -1 with errno set. */
int cgroup_own(struct cgroup *g);

/* Appends all processes of G and of the groups below. 0, or -1 with errno set. */
int cgroup_members(const struct cgroup *g, struct process_list *l);

/*
 * Makes a group of which the kernel counts the memory: below our own or beside
 * it, whichever is allowed. 0, or -1 with errno set and the directory that it
 * could not be made in as G's path.
 */
int cgroup_make(struct cgroup *g);

/* Moves PID into it. 0, or -1 with errno set. */
int cgroup_enter(const struct cgroup *g, pid_t pid);

/* Removes a group that was made; who is still in it goes where we are. 0, or -1
 * with errno set. */
int cgroup_remove(const struct cgroup *g);

/* The most that it needed, by the kernel's own count. 0, or -1 if there is none. */
int cgroup_peak(const struct cgroup *g, uint64_t *kib);

/* How much it needs now. 0, or -1. */
int cgroup_current(const struct cgroup *g, uint64_t *kib);

/* The same by parts. 0, or -1. */
int cgroup_memory(const struct cgroup *g, struct cgroup_memory *m);

/* How many processes the out-of-memory killer has ended: in G, or on the whole
 * machine if that is NULL. 0, or -1 if nobody counts. */
int cgroup_oom_kills(const struct cgroup *g, uint64_t *n);

#endif
