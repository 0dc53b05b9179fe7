/* SPDX-License-Identifier: MIT */
/*
 * The ancestors of the tree that are not in it: they wait for the given processes and for orphans,
 * so the page faults of these appear in theirs. A launcher is the only one of its tree, and is
 * the tree's reaper.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "sample/bound_internal.h"

/* More ancestors than this are not read. */
#define ANCESTORS_MOST 16

/* To read them at each tick would double the cost of a small tree. Their other children add to the
 * bound what they took since then, so this is short. */
#define READ_NS 100000000LL

static struct bound_ancestor *find(const struct bound *b, pid_t pid)
{
	for (size_t i = 0; i < b->ancestors; i++)
		if (b->ancestor[i].process.pid == pid)
			return &b->ancestor[i];
	return NULL;
}

/* Note PID. Return false if it cannot be read, or is not to be. */
static bool add(struct bound *b, pid_t pid)
{
	struct bound_ancestor a = {0};
	if (b->ancestors == ANCESTORS_MOST || process_open(&a.process, pid, PROCESS_KEEP_ALL) != 0)
		return false;
	if (process_read_faults(&a.process) != 0) {
		process_close(&a.process);
		return false;
	}
	a.faults = a.process.children_faults;
	b->ancestor = alloc_grow(b->ancestor, &b->ancestor_cap, b->ancestors + 1, sizeof a);
	b->ancestor[b->ancestors++] = a;
	return true;
}

void bound_note_ancestors(struct bound *b, const struct tree *t, pid_t ppid)
{
	while (ppid > 0 && t->reaper.pid == 0 && !tree_has(t, ppid) && find(b, ppid) == NULL &&
	       add(b, ppid))
		ppid = processes_parent(ppid);
}

void bound_note_waiting(struct bound *b, pid_t ppid)
{
	struct bound_ancestor *a = find(b, ppid);
	if (a != NULL)
		a->waited = true;
	for (size_t i = 0; a == NULL && i < b->ancestors; i++)
		b->ancestor[i].waited = true;
}

void bound_note_missed(struct bound *b)
{
	if (b->ancestors > 0)
		b->ancestor[b->ancestors - 1].waited = true;
}

/* Return whether what the ancestors' faults were earlier is of no more use. A zombie may have been
 * waited for since it was read, which the next tick finds. */
static bool is_time(const struct bound *b)
{
	return b->zombies == 0 && b->sum.to_ns - b->ancestors_ns >= READ_NS;
}

uint64_t bound_ancestors_faults(struct bound *b, const struct tree *t, bool waited)
{
	uint64_t faults = 0;
	size_t left = 0;
	if (!waited && !is_time(b))
		return 0;
	b->ancestors_ns = b->sum.to_ns;
	for (size_t i = 0; i < b->ancestors; i++) {
		struct bound_ancestor *a = &b->ancestor[i];
		if (tree_has(t, a->process.pid) || process_read_faults(&a->process) != 0) {
			process_close(&a->process);
			continue;
		}
		if (a->waited)
			faults += above_u64(a->process.children_faults, a->faults);
		if (a->waited || b->zombies == 0)
			a->faults = a->process.children_faults;
		a->waited = false;
		b->ancestor[left++] = *a;
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
