/* The process tree being measured. */
#include "sample/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"

/* Each process keeps two descriptors. Half of all descriptors are left for page-fault events. */
#define DESCRIPTORS_PER_PROCESS 4

/* A PID is given out shortly before its process can be seen. It can be seen after this time. */
#define VISIBLE_NS 1000000000LL

/* Probing a PID for a new process costs about as much as searching the tree costs for each process
 * in it, so at most this many PIDs are probed. */
#define PROBES_PER_PROCESS 2
#define PROBES_ALWAYS 8

/* At rest, so many processes, or this share of a large tree, have their status read in each tick: a
 * tick of a small tree reads all, and a large tree is through after 64 ticks. */
#define REFRESH_LEAST 4
#define REFRESH_SHARE 64

void tree_init(struct tree *t, bool follow)
{
	*t = (struct tree){.follow = follow, .reaper = -1};
	t->unavailable = processes_unavailable();
	t->keep_max = fd_limit() / DESCRIPTORS_PER_PROCESS;
	process_creations_start(&t->creations);
}

static bool is_in_tree(const struct tree *t, pid_t pid)
{
	return pidmap_get(&t->index, pid) != PIDMAP_NONE;
}

static int add(struct tree *t, pid_t pid)
{
	struct process p;
	if (is_in_tree(t, pid))
		return 0;
	if (process_open(&p, pid, t->kept < t->keep_max) != 0)
		return -1;
	t->v = alloc_grow(t->v, &t->cap, t->n + 1, sizeof *t->v);
	t->kept += process_keeps_descriptors(&p);
	t->v[t->n] =
	    (struct tree_process){.process = p, .new = true, .mark_read_ns = clock_mono_ns()};
	pidmap_set(&t->index, pid, (uint32_t)t->n++);
	return 0;
}

int tree_add(struct tree *t, pid_t pid)
{
	size_t before = t->n;
	if (t->unavailable != NULL) {
		errno = EACCES;
		return -1;
	}
	if (add(t, pid) != 0)
		return -1;
	if (t->n > before)
		t->v[before].mark_predates = true;
	return 0;
}

void tree_set_reaper(struct tree *t, pid_t reaper)
{
	struct process_list children = {0};
	t->reaper = reaper;
	(void)processes_children(&children, reaper);
	for (size_t i = 0; i < children.n; i++)
		pidmap_set(&t->excluded, children.v[i].pid, 0);
	process_list_free(&children);
}

/* ---- finding new processes */

/* Note a failure for which processes may be missing. One that has exited or is hidden is none. */
static void note(struct tree *t, int status)
{
	if (status != 0 && !process_is_out_of_reach(errno))
		t->error = errno;
}

static bool belongs(const struct tree *t, pid_t pid, pid_t ppid)
{
	if (ppid <= 0)
		return false;
	if (ppid == t->reaper)
		return getpgid(pid) != getpgrp() && pidmap_get(&t->excluded, pid) == PIDMAP_NONE;
	return is_in_tree(t, ppid);
}

/* Add PID if it is a new process of the tree. */
static void consider(struct tree *t, pid_t pid, pid_t ppid)
{
	if (!is_in_tree(t, pid) && belongs(t, pid, ppid))
		note(t, add(t, pid));
}

/* Search the lists of children of the processes FROM and later, and of those added on the way.
 * Return 0, or -1 if there are no such lists. */
static int search_children(struct tree *t, size_t from)
{
	struct process_list children = {0};
	int status = from == 0 && t->reaper > 0 ? processes_children(&children, t->reaper) : 0;
	for (size_t i = from; status == 0; i++) {
		for (size_t k = 0; k < children.n; k++)
			consider(t, children.v[k].pid, children.v[k].ppid);
		if (i >= t->n)
			break;
		children.n = 0;
		status = processes_children(&children, t->v[i].process.pid);
	}
	process_list_free(&children);
	return status;
}

/* A child can be listed before its parent, so repeat until nothing is added. */
static void search_all(struct tree *t)
{
	struct process_list all = {0};
	if (processes_all(&all, &t->index) != 0)
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
	if (!processes_children_are_cheaper(t->n - from, t->creations.tasks) ||
	    search_children(t, from) != 0)
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
	}
}

/* Search the tree, and count the PIDs given out since the last update that are not found. */
static void search_and_count(struct tree *t, int64_t now_ns)
{
	size_t before = t->n, found = 0;
	search_tree(t, now_ns);
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
	search_given(t);
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
	t->given_from = t->n;
}

long tree_update(struct tree *t, int64_t now_ns)
{
	size_t before = t->n;
	t->error = 0;
	if (t->follow)
		find_new(t, now_ns);
	errno = t->error;
	return t->error != 0 ? -1 : (long)(t->n - before);
}

/* ---- reading */

/* Read the status of M. Return whether anything in it changed. */
static bool read_status(struct tree *t, struct tree_process *m, int64_t now_ns)
{
	uint64_t before = m->process.hwm_kib;
	int changed = process_read_status(&m->process);
	if (changed < 0)
		return false; /* it has just exited, which the next tree_read finds */
	if (m->process.hwm_kib > before && m->mark_read_ns < t->read_ns && !m->new)
		m->mark_unsure_ns = m->mark_read_ns;
	m->mark_read_ns = now_ns;
	return changed != 0;
}

/* Return whether M is a new child that still uses the memory of its parent. */
static bool is_borrowing(const struct tree *t, const struct tree_process *m)
{
	uint32_t parent = m->new ? pidmap_get(&t->index, m->process.ppid) : PIDMAP_NONE;
	return parent != PIDMAP_NONE && process_shares_memory(&m->process, &t->v[parent].process);
}

/* Sample M. Return 0, or -1 if it has exited. */
static int read_one(struct tree *t, struct tree_process *m, int64_t now_ns, bool refresh)
{
	/* Ask before the read, since the process may execute a program meanwhile. */
	bool borrowing = is_borrowing(t, m);
	uint64_t status_vsz_kib = m->process.vsz_kib;
	int changed = process_read_memory(&m->process);
	if (m->sampled)
		m->mark_predates = m->not_inherited = false;
	m->sampled = changed >= 0 && !borrowing;
	m->changed = m->refreshed = false;
	if (changed < 0)
		return -1;
	if (borrowing)
		return 0;
	m->changed = changed > 0 || m->new;
	m->refreshed = refresh;
	m->mark_unsure_ns = 0;
	/* The status of a new process has just been read, which is enough unless it has executed a
	 * program since. */
	bool just_read =
	    m->new && m->process.vsz_kib == status_vsz_kib && t->read_ns < m->mark_read_ns;
	if ((m->changed || refresh) && !just_read && read_status(t, m, now_ns))
		m->changed = true;
	m->new = false;
	return 0;
}

static void release(struct tree *t, struct tree_process *m)
{
	t->kept -= process_keeps_descriptors(&m->process);
	process_close(&m->process);
	buf_free(&m->row.text);
}

static void release_unread(struct tree *t)
{
	for (size_t i = 0; i < t->unread_n; i++)
		release(t, &t->unread[i]);
	t->unread_n = 0;
}

/* Take an exited process out of the tree. Keep one that was never read until the next read. */
static void take_out(struct tree *t, struct tree_process *m)
{
	pidmap_remove(&t->index, m->process.pid);
	if (!m->new || m->process.memory_known) {
		release(t, m);
		return;
	}
	t->unread = alloc_grow(t->unread, &t->unread_cap, t->unread_n + 1, sizeof *t->unread);
	t->unread[t->unread_n++] = *m;
}

size_t tree_read(struct tree *t, int64_t now_ns, unsigned flags)
{
	size_t refresh_n = t->n <= REFRESH_LEAST ? REFRESH_LEAST : 1 + t->n / REFRESH_SHARE;
	size_t refresh_from = t->refresh_from < t->n ? t->refresh_from : 0;
	size_t left = 0, changed = 0;
	release_unread(t);
	t->missed = t->missed_now;
	t->missed_now = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct tree_process *m = &t->v[i];
		bool refresh = (flags & TREE_ALL_MARKS) != 0 || i - refresh_from < refresh_n;
		if (read_one(t, m, now_ns, refresh) != 0) {
			take_out(t, m);
			continue;
		}
		changed += m->changed;
		if (left != i) {
			t->v[left] = *m;
			pidmap_set(&t->index, m->process.pid, (uint32_t)left);
		}
		left++;
	}
	t->exited = t->n - left;
	t->n = t->given_from = left;
	t->refresh_from = refresh_from + refresh_n;
	t->read_ns = now_ns;
	return changed;
}

void tree_free(struct tree *t)
{
	release_unread(t);
	for (size_t i = 0; i < t->n; i++)
		release(t, &t->v[i]);
	pidmap_free(&t->index);
	pidmap_free(&t->excluded);
	free(t->v);
	free(t->unread);
	process_creations_end(&t->creations);
}
