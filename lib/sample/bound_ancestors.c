/* SPDX-License-Identifier: MIT */
/*
 * The ancestors of the given processes that are not in the tree. They wait for the given processes
 * and for orphans, so the page faults of these are added to theirs. Where a launcher has started
 * the measurement, it is the only such process: the reaper of the tree.
 *
 * When an ancestor exits, its own parent waits for it, and gets all faults that it had:
 *
 *	      tick                                tick
 *	cc1   9000 faults ------ exits
 *	sh    2000 of children   11,700 - exits
 *	sh    500 of children                     12,300: cc1 has taken 700 more
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sample/bound_internal.h"

/* The nearest ancestors and the init process. More are not read. */
#define ANCESTORS_MOST 8

/* A read at each tick would double the cost of a small tree. */
#define READ_NS 100000000LL

static struct bound_ancestor *find(const struct bound *b, pid_t pid)
{
	for (size_t i = 0; i < b->ancestors; i++)
		if (b->ancestor[i].process.pid == pid)
			return &b->ancestor[i];
	return NULL;
}

/* Open PID and insert it at AT. Return false if it cannot be read or is known. */
static bool insert(struct bound *b, size_t at, pid_t pid, bool parent)
{
	struct bound_ancestor a = {0};
	if (find(b, pid) != NULL || process_open(&a.process, pid, PROCESS_KEEP_ALL) != 0)
		return false;
	if (process_read_faults(&a.process) != 0) {
		process_close(&a.process);
		return false;
	}
	a.faults = a.next = a.process.children_faults;
	a.adopts = pid == 1 || (a.process.ppid == 1 && !parent);
	b->ancestor = alloc_grow(b->ancestor, &b->ancestor_cap, b->ancestors + 1, sizeof a);
	memmove(&b->ancestor[at + 1], &b->ancestor[at], (b->ancestors - at) * sizeof a);
	b->ancestor[at] = a;
	b->ancestors++;
	return true;
}

/* Insert PPID and its ancestors before those that are known, so that each is before its parent. The
 * init process may be none of them: the parent of a process can be in another PID namespace. */
static void note(struct bound *b, const struct tree *t, pid_t ppid)
{
	size_t at = 0;
	for (pid_t p = ppid; p > 0 && b->ancestors + 1 < ANCESTORS_MOST; p = processes_parent(p))
		if (tree_has(t, p) || !insert(b, at++, p, p == ppid))
			break;
	if (b->ancestors > 0 && b->ancestors < ANCESTORS_MOST && !tree_has(t, 1))
		(void)insert(b, b->ancestors, 1, false);
}

void bound_read_ancestors(struct bound *b, const struct tree *t, int64_t now_ns)
{
	for (size_t i = 0; t->reaper.pid == 0 && i < t->n; i++)
		if (!t->v[i].bound.known)
			note(b, t, t->v[i].process.ppid);
	if (now_ns - b->ancestors_ns < READ_NS)
		return;
	for (size_t i = 0; i < b->ancestors; i++)
		if (process_read_faults(&b->ancestor[i].process) == 0)
			b->ancestor[i].next = b->ancestor[i].process.children_faults;
	b->ancestors_ns = now_ns;
}

void bound_note_missed(struct bound *b)
{
	for (size_t i = 0; i < b->ancestors; i++)
		b->ancestor[i].waited |= b->ancestor[i].adopts;
}

void bound_note_waited(struct bound *b, pid_t ppid)
{
	struct bound_ancestor *a = find(b, ppid);
	if (a != NULL)
		a->waited = true;
	for (size_t i = 0; a == NULL && i < b->ancestors; i++)
		b->ancestor[i].waited = true;
}

/* A has exited. Its parent gets its faults, and another ancestor may have adopted its children. */
static void leave_to_parent(struct bound *b, struct bound_ancestor *a)
{
	struct bound_ancestor *parent = find(b, a->process.ppid);
	if (parent != NULL)
		parent->inherited += a->process.faults + a->faults;
	if (a->waited && parent != NULL)
		parent->waited = true;
	if (a->waited)
		bound_note_missed(b);
	process_close(&a->process);
}

/* Return the new faults of the children of A, which is read. */
static uint64_t take_faults(struct bound_ancestor *a)
{
	uint64_t added = above_u64(a->process.children_faults, a->faults);
	uint64_t faults = a->waited ? above_u64(added, a->inherited) : 0;
	a->faults = a->next = a->process.children_faults;
	a->inherited = 0;
	a->waited = false;
	return faults;
}

static bool any_waited(const struct bound *b)
{
	for (size_t i = 0; i < b->ancestors; i++)
		if (b->ancestor[i].waited)
			return true;
	return false;
}

/* The faults that were read at the begin of a tick belong to the past. */
static void forget_past(struct bound *b)
{
	for (size_t i = 0; i < b->ancestors; i++)
		b->ancestor[i].faults = b->ancestor[i].next;
}

uint64_t bound_ancestors_faults(struct bound *b, const struct tree *t)
{
	uint64_t faults = 0;
	size_t left = 0;
	if (!any_waited(b)) {
		forget_past(b);
		return 0;
	}
	for (size_t i = 0; i < b->ancestors; i++) {
		struct bound_ancestor *a = &b->ancestor[i];
		if (process_read_faults(&a->process) != 0) {
			leave_to_parent(b, a);
		} else if (tree_has(t, a->process.pid)) {
			process_close(&a->process);
		} else {
			faults += take_faults(a);
			b->ancestor[left++] = *a;
		}
	}
	b->ancestors = left;
	return faults;
}

void bound_free_ancestors(struct bound *b)
{
	for (size_t i = 0; i < b->ancestors; i++)
		process_close(&b->ancestor[i].process);
	free(b->ancestor);
}
