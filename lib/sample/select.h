/*
 * A snapshot of processes and all their descendants. (Linux: /proc.)
 */
#ifndef SELECT_H
#define SELECT_H

#include <stddef.h>
#include <sys/types.h>

#include "os/processes.h"

struct select_process {
	pid_t pid, ppid;
	int depth;     /* 0: given; 1: its child; … */
	char comm[64]; /* any bytes but NUL */
};

/* Starts as all zeros; select_free gives the memory back. */
struct select {
	struct select_process *v; /* each before its children */
	size_t n, cap;
	struct process_list missing; /* given, but there is no such process */
	int error;		 /* family.c's own: why somebody may be left out */
};

/*
 * The processes in ROOTS (their ppid doesn't matter) and, if DESCEND, all their
 * descendants; each once. 0, or -1 with errno set where /proc can't be read.
 */
int select_find(struct select *f, const struct process_list *roots, int descend);

/* Appends to L all processes whose command name is exactly NAME (its first 15
 * bytes, as the kernel keeps it). 0, or -1 with errno set. */
int select_named(struct process_list *l, const char *name);

/* Appends all processes whose command line, with blanks between the arguments,
 * holds TEXT; but for us and our ancestors, who have it there to pass it on.
 * 0, or -1 with errno set. */
int select_matching(struct process_list *l, const char *text);

void select_free(struct select *f);

#endif
