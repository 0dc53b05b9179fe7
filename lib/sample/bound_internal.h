/* SPDX-License-Identifier: MIT */
/*
 * State and functions shared by bound.c, bound_exits.c and bound_ancestors.c.
 */
#ifndef BOUND_INTERNAL_H
#define BOUND_INTERNAL_H

#include "base/minmax.h"
#include "sample/bound.h"

/* A parent up to this size is added once more for a child that has not executed a program yet,
 * although the child may share its memory (vfork): for a small one it makes no difference. A larger
 * one is added if children of it have been seen to be copies. */
#define BOUND_SMALL_PARENT_KIB 4096

/* Return by how many KiB FAULTS faults can let a process grow that grew by KIB_PER_FAULT lately. */
uint64_t bound_growth_kib(const struct bound *b, uint64_t faults, double kib_per_fault);

/* Return what a child of PPID can have before it executes a program, a copy of the memory of its
 * parent. EXECUTED: it has executed one, so it may have shared the memory instead. */
uint64_t bound_copy_kib(const struct tree *t, pid_t ppid, bool executed);

/* Return that for a child of any process of the tree, or of one that has exited. */
uint64_t bound_any_copy_kib(const struct tree *t);

/* Add KIB from FROM_NS until TO_NS, of which SHARED_KIB count in other processes, too. */
void bound_add(
    struct bound *b, int64_t from_ns, int64_t to_ns, uint64_t kib, uint64_t shared_kib);

/* Add to PSS what others can have had more of since FROM_NS, when a process exited or executed a
 * program: its part of what they shared. 0: at an unknown time. */
void bound_add_left(struct bound *b, int64_t from_ns, uint64_t kib);

/* Note the ancestors of new processes of T, and read the faults of all at times. NOW_NS: the tick
 * begins. */
void bound_read_ancestors(struct bound *b, const struct tree *t, int64_t now_ns);

/* Note that PPID has waited for a process of the tree. If PPID is no ancestor, any may have. */
void bound_note_waited(struct bound *b, pid_t ppid);

/* Note that those ancestors that adopt orphans may have waited for a process that was not seen. */
void bound_note_missed(struct bound *b);

/* Return the faults of the processes that the ancestors so noted have waited for, since the tick
 * before or a little longer. Some may be of other processes. To be called once in each tick. */
uint64_t bound_ancestors_faults(struct bound *b, const struct tree *t);

void bound_free_ancestors(struct bound *b);

/* Add the processes that exited in the interval. */
void bound_add_exits(struct bound *b, struct tree *t);

#endif
