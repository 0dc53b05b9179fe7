/* SPDX-License-Identifier: MIT */
/*
 * Functions shared by the files tree*.c.
 */
#ifndef TREE_INTERNAL_H
#define TREE_INTERNAL_H

#include "sample/tree.h"

/* Open PID and add it, unless it is in the tree or is a program of this measurement. Return 0, or -1
 * with errno set. */
int tree_open(struct tree *t, pid_t pid);

/* Add a process that has exited to the list of exits. */
void tree_add_exit(struct tree *t, const struct tree_exit *e);

/* Add a process that has exited, whose exit the system has not reported yet. */
void tree_add_leaving(struct tree *t, const struct tree_exit *e);

/* Move PID, or all processes if it is 0, from LEAVING to EXIT. */
void tree_leave(struct tree *t, pid_t pid, int64_t exited_ns);

/* Take a process that shows no memory any more out of the tree, and keep what is known of it until
 * the next read, or until the system reports its exit. */
void tree_take_out(struct tree *t, struct tree_process *m);

/* Release UNREAD and EXIT. */
void tree_release_exited(struct tree *t);

/* The process with index I no longer has its PID. */
void tree_forget_pid(struct tree *t, pid_t pid);

/* Note PARENT, of a given process, and its ancestors: one of them will adopt orphans. */
void tree_note_ancestors(struct tree *t, pid_t parent);

/* Add PID, a new child of PPID, if it is an orphan that a process of the tree has left, or note that
 * it may be one. Return 0, or -1 with errno set if it cannot be added. */
int tree_adopt(struct tree *t, pid_t pid, pid_t ppid);

/* Add such orphans among the PIDs given out since the last update. */
void tree_adopt_orphans(struct tree *t);

#endif
