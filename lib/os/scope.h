/* SPDX-License-Identifier: MIT */
/*
 * Restarting this program in a control group that systemd has made for it alone.
 *
 * The restarted program gets everything as the first one found it: arguments, name, environment,
 * descriptors, signals, process ID. (Linux: a scope of systemd-run(1), which belongs to the user.)
 */
#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>

#include "os/cgroup.h"

/* The state that scope_restart() has passed on. */
struct scope_start {
	char **argv;
	int argc;
	char *name;  /* of the program, for messages */
	char *group; /* the control group in which the first program was started */

	char *text; /* private: all of the strings */
};

/*
 * Execute this program again as `program OPTION N`, if that lets it make a control group and it
 * cannot make one in its own (cgroup_check()). N is a descriptor for scope_resume(). ARGV are the
 * arguments to pass on. Return if nothing of this is necessary or possible.
 */
void scope_restart(const char *option, char **argv);

/* Read from the descriptor FD what the first program has passed on, and restore its environment.
 * Return 0, or -1 with errno set. */
int scope_resume(struct scope_start *s, const char *fd);

/* Return the name of a limit, as `memory.max`, that the control group FROM or one above it has and
 * that does not apply to this process, or NULL. Store the group with this limit in PATH. */
const char *scope_lost_limit(const char *from, char path[CGROUP_PATH]);

#endif
