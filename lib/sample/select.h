/* SPDX-License-Identifier: MIT */
/*
 * Finding processes once: by PID, by name or by command line, and all their descendants.
 */
#ifndef SELECT_H
#define SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "os/process.h"
#include "os/processes.h"

struct select_process {
	pid_t pid, ppid;
	int depth;		 /* 0: given; 1: its child; and so on */
	char comm[PROCESS_COMM]; /* any bytes but NUL */
};

/* Starts as all zeros. Release it with select_free. */
struct select {
	struct select_process *v; /* each process before its children */
	size_t n, cap;
	struct process_list missing; /* given, but not found */
	int error; /* private: errno of a failure for which processes may be missing */
};

/*
 * Find the processes of ROOTS (their ppid is ignored) and, if DESCEND, all their descendants, each
 * once. Return 0, or -1 with errno set if processes may be missing.
 */
int select_find(struct select *s, const struct process_list *roots, bool descend);

/* Append all processes whose command name is exactly NAME. The kernel keeps 15 bytes of a name, so
 * only these are compared. Return 0, or -1 with errno set. */
int select_named(struct process_list *l, const char *name);

/* Return whether PID is a process whose command name is NAME, as for select_named. */
bool select_is_named(pid_t pid, const char *name);

/* Append all processes whose command line, with blanks between the arguments, contains TEXT, except
 * this process and its ancestors. Return 0, or -1 with errno set. */
int select_matching(struct process_list *l, const char *text);

void select_free(struct select *s);

#endif
