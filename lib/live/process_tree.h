/* SPDX-License-Identifier: MIT */
/*
 * The processes of one tick as a tree, and its text.
 *
 *	       RSS       PID  NAME
 *	  1000 KiB        10  make
 *	   2.0 MiB        12    cc
 *	   2.0 MiB        13      cc1
 *	   5.0 MiB         3  processes
 */
#ifndef PROCESS_TREE_H
#define PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/pidmap.h"
#include "base/slice.h"
#include "stream/samples.h"

/* Starts as all zeros. */
struct process_tree {
	size_t n;
	bool keeps_pss; /* set before the first process: a process without PSS has that of the tree
			   before, which is read less often than RSS */

	/* private to process_tree.c */
	struct process_tree_row *v;
	size_t cap;
	struct process_tree_pss {
		pid_t pid, ppid;
		uint64_t kib;
	} * pss; /* of the tree before; sorted by process ID */
	size_t pss_n, pss_cap;
	struct buf names; /* fields: escapes as in the stream */
	struct pidmap index;
	uint32_t *order, *stack; /* with room for CAP numbers of rows */
	size_t ordered;
};

struct process_tree_style {
	bool utf8;
	int width;		 /* columns to cut lines to; 0: do not cut */
	size_t rows_max;	 /* the number of further rows is printed instead of them */
	const char *end_of_line; /* with its newline */
};

/* Remove all processes. */
void process_tree_clear(struct process_tree *t);

/* Add a process. NAME is a field of the stream. */
void process_tree_add(struct process_tree *t, const struct samples_row *row, struct slice name);

/*
 * Append the tree: children below their parent, in the order in which they were added, then the
 * sum. Return the number of lines.
 */
int process_tree_text(
    struct process_tree *t, const struct process_tree_style *style, struct buf *out);

void process_tree_free(struct process_tree *t);

#endif
