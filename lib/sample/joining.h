/* SPDX-License-Identifier: MIT */
/*
 * Processes that belong to the tree although no process of the tree has created them: new members
 * of a control group, and new processes of a name.
 */
#ifndef JOINING_H
#define JOINING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/cgroup.h"
#include "os/processes.h"
#include "sample/tree.h"

/* Starts as all zeros, with the names. */
struct joining {
	const char **names; /* the caller's */
	size_t names_n;

	/* private */
	struct process_creations creations;
	int64_t due_ns;	  /* when to search again */
	int64_t begun_us; /* Unix time of the first search */
	pid_t young;	  /* PIDs above were given out in the last second or two */
	pid_t younger;	  /* at YOUNGER_NS, the newest PID */
	int64_t younger_ns;
};

/*
 * Add the processes that have joined to T, unless that was done a moment ago. Members of GROUP
 * join; NULL: none do. NOW_NS is of the monotonic clock, NOW_US the same time as Unix time.
 */
void joining_update(struct joining *j, struct tree *t, const struct cgroup *group, int64_t now_ns,
    int64_t now_us);

void joining_free(struct joining *j);

#endif
