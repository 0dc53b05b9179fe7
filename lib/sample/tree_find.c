/* SPDX-License-Identifier: MIT */
/* Finding new processes: by events, or by searching. */
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sample/tree.h"
#include "sample/tree_internal.h"

/* A PID is given out shortly before its process can be seen. It can be seen after this time. */
#define VISIBLE_NS 1000000000LL

/* Probing a PID for a new process costs about as much as searching the tree costs for each process
 * in it, so at most this many PIDs are probed. */
#define PROBES_PER_PROCESS 2
#define PROBES_ALWAYS 8

/* ---- searching */

/* Note a failure for which processes may be missing. One that has exited or is hidden is none. */
static void note(struct tree *t, int status)
{
	if (status != 0 && !process_is_out_of_reach(errno))
		t->error = errno;
}

/* Return whether PID has left the tree, and its exit is not reported yet: the creation of a child
 * that it left may be reported before that. */
static bool is_leaving(const struct tree *t, pid_t pid)
{
	for (size_t i = 0; i < t->leavings; i++)
		if (t->leaving[i].pid == pid)
			return true;
	return false;
}

/* Return whether PID belongs to the tree as a child of PPID. */
static bool belongs(const struct tree *t, pid_t pid, pid_t ppid)
{
	if (ppid <= 0)
		return false;
	if (ppid == t->reaper.pid)
		return getpgid(pid) != getpgrp() && pidmap_get(&t->excluded, pid) == PIDMAP_NONE;
	return tree_has(t, ppid) || pidmap_get(&t->pending_index, ppid) != PIDMAP_NONE ||
	       is_leaving(t, ppid);
}

/* Where PIDs may have been given out again, forget that a process of the tree had PID if it has
 * exited. Return whether it had. */
static bool forget_earlier(struct tree *t, pid_t pid)
{
	uint32_t i = t->creations.restarted ? pidmap_get(&t->index, pid) : PIDMAP_NONE;
	if (i == PIDMAP_NONE || process_owns_pid(&t->v[i].process))
		return false;
	tree_forget_pid(t, pid);
	return true;
}

/* Add PID if it is a new process of the tree. */
static void consider(struct tree *t, pid_t pid, pid_t ppid)
{
	if (forget_earlier(t, pid))
		ppid = processes_parent(pid); /* PPID may be that of the earlier one */
	if (!tree_has(t, pid) && belongs(t, pid, ppid))
		note(t, tree_open(t, pid));
}

/* Search the lists of children of the processes FROM and later, and of those added on the way.
 * Return 0, or -1 if there are no such lists or if these are too many, of TASKS. */
static int search_children(struct tree *t, size_t from, size_t tasks)
{
	struct process_list children = {0};
	int status =
	    from == 0 && t->reaper.pid > 0 ? processes_children(&children, t->reaper.pid) : 0;
	for (size_t i = from; status == 0; i++) {
		for (size_t k = 0; k < children.n; k++)
			consider(t, children.v[k].pid, children.v[k].ppid);
		if (i >= t->n)
			break;
		children.n = 0;
		status = !processes_children_are_cheaper(t->n - i, tasks)
			     ? -1
			     : processes_children(&children, t->v[i].process.pid);
	}
	process_list_free(&children);
	return status;
}

/* A child can be listed before its parent, so repeat until nothing is added. */
static void search_all(struct tree *t)
{
	struct process_list all = {0};
	if (processes_all(&all, t->creations.restarted ? NULL : &t->index) != 0)
		t->error = errno;
	for (size_t before = SIZE_MAX; before != t->n;) {
		before = t->n;
		for (size_t i = 0; i < all.n; i++)
			consider(t, all.v[i].pid, all.v[i].ppid);
	}
	process_list_free(&all);
}

/* Find the descendants of the processes FROM and later, in the way that takes less time. */
static void search(struct tree *t, size_t from)
{
	/* While events are followed, the creations are not read, which count the tasks. */
	size_t tasks = t->creations.tasks > 0 ? t->creations.tasks : processes_tasks();
	if (search_children(t, from, tasks) != 0)
		search_all(t);
}

static void search_tree(struct tree *t, int64_t now_ns)
{
	search(t, 0);
	t->searched_ns = now_ns;
}

/* Find the descendants that the processes given since the last update have already. */
static void search_given(struct tree *t)
{
	size_t given = t->n;
	if (t->given_from < t->n)
		search(t, t->given_from);
	for (size_t i = given; i < t->n; i++)
		t->v[i].mark_predates = t->v[i].not_inherited = true;
}

/* Consider each PID given out since the last update. */
static void probe(struct tree *t)
{
	for (pid_t pid = t->creations.first; pid <= t->creations.last; pid++) {
		pid_t ppid = processes_parent(pid);
		note(t, ppid < 0);
		t->missed_now += ppid < 0;
		consider(t, pid, ppid);
		note(t, tree_adopt(t, pid, ppid));
	}
}

/* Search the tree, and count the PIDs given out since the last update that are not found. */
static void search_and_count(struct tree *t, int64_t now_ns)
{
	size_t before = t->n, found = 0;
	search_tree(t, now_ns);
	tree_adopt_orphans(t);
	if (!t->creations.known)
		return;
	for (size_t i = before; i < t->n; i++)
		found += process_creations_include(&t->creations, t->v[i].process.pid);
	if (t->creations.count > found)
		t->missed_now += t->creations.count - found;
}

/*
 * New processes have the PIDs that were given out since the last update. If these are few, probe
 * each of them, else search the tree. A PID is given out before its process is visible, so search
 * the tree once more a second later.
 */
static void find_new(struct tree *t, int64_t now_ns)
{
	const struct process_creations *c = &t->creations;
	process_creations_update(&t->creations);
	bool few =
	    c->known && !c->restarted && c->count <= t->n * PROBES_PER_PROCESS + PROBES_ALWAYS;
	if (few)
		probe(t);
	else
		search_and_count(t, now_ns);
	bool created = !c->known || c->restarted || c->count > 0;
	t->search_again = t->search_again || created;
	if (t->search_again && now_ns - t->searched_ns >= VISIBLE_NS) {
		search_tree(t, now_ns);
		t->search_again = created;
	}
}

/* ---- events */

static struct tree_exit *pending(struct tree *t, pid_t pid)
{
	uint32_t i = pidmap_get(&t->pending_index, pid);
	return i != PIDMAP_NONE ? &t->pending[i] : NULL;
}

static void take_creation(struct tree *t, const struct process_event *e)
{
	tree_forget_pid(t, e->pid);
	if (t->leavings > 0)
		tree_leave(t, e->pid, e->time_ns);
	if (!belongs(t, e->pid, e->ppid))
		return;
	t->pending = alloc_grow(t->pending, &t->pending_cap, t->pendings + 1, sizeof *t->pending);
	t->pending[t->pendings] =
	    (struct tree_exit){.pid = e->pid, .ppid = e->ppid, .created_ns = e->time_ns};
	pidmap_set(&t->pending_index, e->pid, (uint32_t)t->pendings++);
}

static void take_event(struct tree *t, const struct process_event *e)
{
	struct tree_exit *new = pending(t, e->pid);
	uint32_t i = pidmap_get(&t->index, e->pid);
	struct tree_process *m = i != PIDMAP_NONE ? &t->v[i] : NULL;
	if (m != NULL && e->time_ns < m->opened_ns)
		return; /* of its creation, or of an earlier process with this PID */
	switch (e->kind) {
	case PROCESS_CREATED:
		take_creation(t, e);
		break;
	case PROCESS_EXECUTED:
		if (new != NULL)
			new->executed_ns = e->time_ns;
		else if (m != NULL)
			m->executed_ns = e->time_ns;
		else if (t->note_executions)
			process_list_add(&t->executed, e->pid, 0);
		break;
	case PROCESS_EXITED:
		if (new != NULL) {
			new->exited_ns = e->time_ns;
			pidmap_remove(&t->pending_index, e->pid);
		} else if (m != NULL) {
			m->exited_ns = e->time_ns;
			/* Its PID may be in use again, which will not be reported. */
			if (!t->events.creations)
				tree_forget_pid(t, e->pid);
		} else if (t->leavings > 0) {
			tree_leave(t, e->pid, e->time_ns);
		}
		break;
	}
}

/* Open the process NEW, or note that it has exited. */
static void open_new(struct tree *t, const struct tree_exit *new)
{
	size_t before = t->n;
	if (new->exited_ns != 0) {
		tree_add_exit(t, new);
	} else if (tree_open(t, new->pid) == 0) {
		if (t->n == before)
			return;
		t->v[before].created_ns = new->created_ns;
		t->v[before].executed_ns = new->executed_ns;
		t->v[before].process.ppid = new->ppid;
	} else if (errno == ESRCH) {
		tree_add_leaving(t, new);
	} else {
		note(t, -1);
		tree_add_exit(t, new);
	}
}

/* Open the processes that were created and still exist. The others are exits that were not seen. */
static void open_pending(struct tree *t)
{
	for (size_t i = 0; i < t->pendings; i++)
		open_new(t, &t->pending[i]);
	t->pendings = 0;
	pidmap_free(&t->pending_index);
}

/* Return whether all events were taken, so that no search is needed. */
static bool take_events(struct tree *t)
{
	struct process_event e;
	int got;
	while ((got = process_events_next(&t->events, &e)) == 1)
		if (t->follow || e.kind != PROCESS_CREATED)
			take_event(t, &e);
	open_pending(t);
	t->events_lost = t->events_lost || got < 0;
	return got == 0;
}

long tree_update(struct tree *t, int64_t now_ns)
{
	size_t before = t->n;
	t->error = 0;
	if (t->follow)
		search_given(t);
	bool events = t->events.fd >= 0 && take_events(t);
	if (t->follow && !events)
		find_new(t, now_ns);
	t->given_from = t->n;
	errno = t->error;
	return t->error != 0 ? -1 : (long)(t->n - before);
}
