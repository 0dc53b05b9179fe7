/* SPDX-License-Identifier: MIT */
/*
 * Orphans: where the system reports no creations, a process may be found only after its parent has
 * exited, as that of a daemon has. Its new parent is an ancestor of the tree, so what it has
 * inherited must show where it comes from. If nothing does, it is in the bound only.
 */
#include <unistd.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "sample/tree.h"
#include "sample/tree_internal.h"

/* Comparing an orphan with more processes than this would cost too much. */
#define IMAGES_COMPARED_MOST 16

/* More processes than this that only may belong to the tree are not followed. */
#define POSSIBLE_MOST 64

static bool reports_creations(const struct tree *t)
{
	return t->events.fd >= 0 && t->events.creations;
}

/* Note the children that PARENT has already. */
static void note_elders(struct tree *t, pid_t parent)
{
	struct process_list children = {0};
	(void)processes_children(&children, parent);
	for (size_t i = 0; i < children.n; i++)
		pidmap_set(&t->elders, children.v[i].pid, 0);
	process_list_free(&children);
}

void tree_note_ancestors(struct tree *t, pid_t parent)
{
	if (!t->follow || reports_creations(t))
		return;
	for (pid_t p = parent; p > 0 && pidmap_get(&t->above, p) == PIDMAP_NONE;) {
		pidmap_set(&t->above, p, 0);
		note_elders(t, p);
		p = processes_parent(p);
	}
}

/* Return whether an ancestor of M outside of the tree has IMAGE, too. A copy of M may then have
 * come from there. */
static bool is_copied_outside(const struct tree *t, const struct tree_process *m, uint64_t image)
{
	for (pid_t p = m->process.ppid; p > 0; p = processes_parent(p))
		if (!tree_has(t, p) && processes_image(p) == image)
			return true;
	return false;
}

/* Return whether the leader of the process group or of the session of PID is in the tree. These are
 * 0 if they are of another PID namespace. */
static bool is_led(const struct tree *t, pid_t pid)
{
	pid_t group = getpgid(pid), session = getsid(pid);
	return (group > 0 && tree_has(t, group)) || (session > 0 && tree_has(t, session));
}

/* Return whether PID, a new child of an ancestor of the tree, has come from the tree. */
static bool is_orphan(const struct tree *t, pid_t pid)
{
	if (is_led(t, pid))
		return true;
	uint64_t image = t->n <= IMAGES_COMPARED_MOST ? processes_image(pid) : 0;
	for (size_t i = 0; i < t->n && image != 0; i++)
		if (processes_image(t->v[i].process.pid) == image)
			return !is_copied_outside(t, &t->v[i], image);
	return false;
}

/* Note that PID may have come from the tree. A process that has executed another program, in a
 * session of its own, has inherited nothing that shows its origin but its control groups. A direct
 * child of the parent mostly shares its session. */
static void note_possible(struct tree *t, pid_t pid, pid_t ppid)
{
	struct process p;
	if (t->n == 0 || t->possibles == POSSIBLE_MOST || tree_leaves_out(t, pid))
		return;
	if (ppid != 1 && getsid(pid) == getsid(ppid))
		return;
	if (process_open(&p, pid, PROCESS_KEEP_NONE) != 0) {
		t->missed_now++; /* it has exited meanwhile */
		return;
	}
	/* A process that exits may have lost its control groups already. */
	if (!processes_share_groups(pid, t->v[0].process.pid) && process_read_status(&p) >= 0 &&
	    p.hwm_kib > 0) {
		process_close(&p);
		return;
	}
	t->possible =
	    alloc_grow(t->possible, &t->possible_cap, t->possibles + 1, sizeof *t->possible);
	t->possible[t->possibles++] = p;
}

int tree_adopt(struct tree *t, pid_t pid, pid_t ppid)
{
	bool reaped = t->reaper.pid > 0 && processes_have_reapers();
	if (ppid <= 0 || pidmap_get(&t->above, ppid) == PIDMAP_NONE || reaped || tree_has(t, pid))
		return 0;
	if (is_orphan(t, pid))
		return tree_open(t, pid);
	note_possible(t, pid, ppid);
	return 0;
}

/* P, which had taken FAULTS when it was read, is no longer running. A zombie has its faults still.
 * Later they are among those of the process that adopted it. */
static void note_possible_exit(struct tree *t, struct process *p, uint64_t faults)
{
	if (process_read_faults(p) == 0) {
		t->possible_late_faults += above_u64(p->faults + p->children_faults, faults);
		return;
	}
	t->possible_exits++;
	t->possible_faults += faults;
}

uint64_t tree_possible_kib(struct tree *t)
{
	uint64_t kib = 0;
	size_t left = 0;
	t->possible_exits = t->possible_faults = t->possible_late_faults = 0;
	for (size_t i = 0; i < t->possibles; i++) {
		struct process *p = &t->possible[i];
		uint64_t hwm_kib = p->hwm_kib, faults = p->faults + p->children_faults;
		/* Faults between the two reads count as growth. It has no mark any more while its
		 * memory is being freed. */
		if (process_read_faults(p) == 0 && process_read_status(p) >= 0 && p->hwm_kib > 0) {
			kib += p->hwm_kib;
			t->possible[left++] = *p;
			continue;
		}
		kib += hwm_kib;
		note_possible_exit(t, p, faults);
		process_close(p);
	}
	t->possibles = left;
	return kib;
}

/* Return whether PID, a child of an ancestor of the tree, is new. */
static bool is_new(const struct tree *t, pid_t pid)
{
	return t->creations.known ? process_creations_include(&t->creations, pid)
				  : pidmap_get(&t->elders, pid) == PIDMAP_NONE;
}

/* This is where too many PIDs were given out to consider each of them, or they are not counted. */
void tree_adopt_orphans(struct tree *t)
{
	struct process_list children = {0};
	if (t->above.n == 0 || t->n == 0 || (!t->creations.known && t->elders.n == 0))
		return;
	for (pid_t p = t->v[0].process.ppid; p > 0; p = processes_parent(p))
		if (!tree_has(t, p))
			(void)processes_children(&children, p);
	for (size_t i = 0; i < children.n; i++) {
		pid_t pid = children.v[i].pid;
		if (is_new(t, pid))
			(void)tree_adopt(t, pid, children.v[i].ppid);
	}
	process_list_free(&children);
}
