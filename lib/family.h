/*
 * A snapshot of processes and all their descendants. (Linux: /proc.)
 */
#ifndef FAMILY_H
#define FAMILY_H

#include <stddef.h>
#include <sys/types.h>

#include "kin.h"

struct family_member {
	pid_t pid, ppid;
	int depth;     /* 0: given; 1: its child; … */
	char comm[64]; /* any bytes but NUL */
};

/* Starts as all zeros; family_free gives the memory back. */
struct family {
	struct family_member *v; /* each before its children */
	size_t n, cap;
	struct kin_list missing; /* given, but there is no such process */
	int error;		 /* family.c's own: why somebody may be left out */
};

/*
 * The processes in ROOTS (their ppid doesn't matter) and, if DESCEND, all their
 * descendants; each once. 0, or -1 with errno set where /proc can't be read.
 */
int family_find(struct family *f, const struct kin_list *roots, int descend);

/* Appends to L all processes whose command name is exactly NAME (its first 15
 * bytes, as the kernel keeps it). 0, or -1 with errno set. */
int family_named(struct kin_list *l, const char *name);

/* Appends all processes whose command line, with blanks between the arguments,
 * holds TEXT; but for us and our ancestors, who have it there to pass it on.
 * 0, or -1 with errno set. */
int family_matching(struct kin_list *l, const char *text);

void family_free(struct family *f);

#endif
