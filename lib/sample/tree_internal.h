/*
 * Functions shared by tree.c and tree_find.c.
 */
#ifndef TREE_INTERNAL_H
#define TREE_INTERNAL_H

#include "sample/tree.h"

/* Return whether PID is in the tree. */
bool tree_has(const struct tree *t, pid_t pid);

/* Open PID and add it, unless it is in the tree. Return 0, or -1 with errno set. */
int tree_open(struct tree *t, pid_t pid);

/* Add a process that has exited to the list of exits. */
void tree_add_exit(struct tree *t, const struct tree_exit *e);

/* Add a process that has exited, whose exit the system has not reported yet. */
void tree_add_leaving(struct tree *t, const struct tree_exit *e);

/* Move PID, or all processes if it is 0, from LEAVING to EXIT. */
void tree_leave(struct tree *t, pid_t pid, int64_t exited_ns);

/* The process with index I no longer has its PID. */
void tree_forget_pid(struct tree *t, pid_t pid);

#endif
