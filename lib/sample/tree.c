/* The processes that are measured. */
#define _GNU_SOURCE
#include "sample/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "os/linux/procfs.h"

#define FDS_SHARE 4	       /* two for each member, of half of all: faults take the others */
#define SETTLE_NS 1000000000LL /* a birth shows in /proc by then */
#define QUIET_ALL 4	       /* so few have their marks read at each sweep, though at rest; */
#define QUIET_SHARE 64	       /* of more, this share */

void tree_init(struct tree *t, int follow)
{
	*t = (struct tree){.follow = follow, .news = {.fd = -1}, .reaper = -1};
	t->hidden = !procfs_is_ours();
	t->keep_max = fd_limit() / FDS_SHARE;
}

static int is_member(const struct tree *t, pid_t pid)
{
	return pidmap_get(&t->index, pid) != PIDMAP_NONE;
}

static int add_member(struct tree *t, pid_t pid)
{
	if (is_member(t, pid))
		return 0;
	struct process p;
	if (process_open(&p, pid, t->kept < t->keep_max) != 0)
		return -1;
	t->v = alloc_grow(t->v, &t->cap, t->n + 1, sizeof *t->v);
	t->kept += p.statm_fd >= 0;
	t->v[t->n] = (struct member){.proc = p, .fresh = 1, .mark_ns = clock_mono_ns()};
	pidmap_set(&t->index, pid, (uint32_t)t->n++);
	return 0;
}

/* A child of somebody in the tree. The measuring side is a child of the reaper
 * too, in a process group of its own, which is ours. */
static int belongs(const struct tree *t, pid_t pid, pid_t ppid)
{
	if (ppid <= 0)
		return 0;
	if (ppid == t->reaper)
		return getpgid(pid) != getpgrp() && pidmap_get(&t->strangers, pid) == PIDMAP_NONE;
	return is_member(t, ppid);
}

/* What failed, but for who has vanished or is hidden, is told by the caller. */
static void note(struct tree *t, int status)
{
	if (status != 0 && !procfs_gone())
		t->error = errno;
}

static void adopt(struct tree *t, pid_t pid, pid_t ppid)
{
	if (!is_member(t, pid) && belongs(t, pid, ppid))
		note(t, add_member(t, pid));
}

/* Members FROM and later, and those added on the way: their children's lists.
 * 0, or -1 where the kernel has none. */
static int walk_lists(struct tree *t, size_t from)
{
	struct process_list kids = {0};
	int status = from == 0 && t->reaper > 0 ? processes_children(&kids, t->reaper) : 0;
	for (size_t i = from; status == 0; i++) {
		for (size_t k = 0; k < kids.n; k++)
			adopt(t, kids.v[k].pid, kids.v[k].ppid);
		if (i >= t->n)
			break;
		kids.n = 0;
		status = processes_children(&kids, t->v[i].proc.pid);
	}
	process_list_free(&kids);
	return status;
}

/* A child can come before its parent in /proc, so until nobody is added. */
static void scan_all(struct tree *t)
{
	struct process_list all = {0};
	if (processes_all(&all, &t->index) != 0)
		t->error = errno;
	for (size_t before = SIZE_MAX; before != t->n;) {
		before = t->n;
		for (size_t i = 0; i < all.n; i++)
			adopt(t, all.v[i].pid, all.v[i].ppid);
	}
	process_list_free(&all);
}

/* Whom members FROM and later have started, by whichever way is less work. */
static void find_descendants(struct tree *t, size_t from)
{
	if (!processes_lists_are_cheaper(t->n - from, t->news.tasks) || walk_lists(t, from) != 0)
		scan_all(t);
}

int tree_add(struct tree *t, pid_t pid)
{
	size_t before = t->n;
	if (t->hidden) {
		errno = EACCES;
		return -1;
	}
	if (add_member(t, pid) != 0)
		return -1;
	if (t->n > before)
		t->v[before].past = 1;
	return 0;
}

void tree_reaper(struct tree *t, pid_t reaper)
{
	struct process_list kids = {0};
	t->reaper = reaper;
	(void)processes_children(&kids, reaper);
	for (size_t i = 0; i < kids.n; i++)
		pidmap_set(&t->strangers, kids.v[i].pid, 0);
	process_list_free(&kids);
}

static void look_at_all(struct tree *t, int64_t now_ns)
{
	find_descendants(t, 0);
	t->looked_ns = now_ns;
}

/* Whom those who were given since the last sweep have started already. */
static void find_older(struct tree *t)
{
	size_t given = t->n;
	if (t->explored < t->n)
		find_descendants(t, t->explored);
	for (size_t i = given; i < t->n; i++)
		t->v[i].past = t->v[i].older = 1;
}

static void probe(struct tree *t, pid_t from, pid_t to)
{
	for (pid_t pid = from; pid <= to; pid++) {
		pid_t ppid = processes_parent(pid);
		note(t, ppid < 0);
		t->missed_since += ppid < 0;
		adopt(t, pid, ppid);
	}
}

/* Behind the last PID comes the first that is not reserved. */
static int is_between(pid_t pid, pid_t from, pid_t to)
{
	return from <= to ? pid > from && pid <= to : pid > from || pid <= to;
}

static size_t given_out(pid_t from, pid_t to)
{
	pid_t born = from <= to ? to - from : processes_last_pid() - from + to - PROCESSES_RESERVED;
	return born > 0 ? (size_t)born : 0;
}

/* Too many to be probed: those between FROM and the newest that are not found now
 * have gone, if they were ours. */
static void look_for_born(struct tree *t, pid_t from, int64_t now_ns)
{
	size_t before = t->n, found = 0;
	look_at_all(t, now_ns);
	if (from == 0)
		return;
	for (size_t i = before; i < t->n; i++)
		found += is_between(t->v[i].proc.pid, from, t->news.newest) != 0;
	size_t born = given_out(from, t->news.newest);
	t->missed_since += born > found ? born - found : 0;
}

/*
 * PIDs are given out in order, so whoever was born since the last look has one
 * between the newest then and the newest now: a few are looked at one by one.
 * When they are many, or started again from the bottom, the whole tree is. A
 * PID can be given out a moment before its process shows in /proc, hence one
 * more look at the whole tree a second after a birth.
 */
static void find_born(struct tree *t, int64_t now_ns)
{
	pid_t last = t->news.newest;
	if (!t->follow)
		return;
	int known = processes_news(&t->news) == 0;
	find_older(t);
	pid_t born = t->news.newest - last;
	if (!known || born < 0 || (size_t)born > t->n * 2 + 8)
		look_for_born(t, known ? last : 0, now_ns);
	else
		probe(t, last + 1, t->news.newest);
	t->unsettled |= born != 0;
	if (t->unsettled && now_ns - t->looked_ns >= SETTLE_NS) {
		look_at_all(t, now_ns);
		t->unsettled = born != 0;
	}
	t->explored = t->n;
}

/* Whether anything in its status changed. */
static int read_mark(struct tree *t, struct member *m, int64_t now_ns)
{
	uint64_t before = m->proc.hwm_kib;
	int changed = process_status(&m->proc);
	if (changed < 0)
		return 0; /* ended just now: the next sweep finds out */
	if (m->proc.hwm_kib > before && m->mark_ns < t->sweep_ns && !m->fresh)
		m->late_ns = m->mark_ns;
	m->mark_ns = now_ns;
	return changed;
}

/* A child that has not been counted yet may be its parent over again. */
static int is_borrowed(const struct tree *t, const struct member *m)
{
	uint32_t parent = m->fresh ? pidmap_get(&t->index, m->proc.ppid) : PIDMAP_NONE;
	return parent != PIDMAP_NONE && process_shares_memory(&m->proc, &t->v[parent].proc);
}

/* 0, or -1 if it has ended. */
static int sweep_one(struct tree *t, struct member *m, int64_t now_ns, int quiet_turn,
    const struct tree_visit *visit)
{
	int borrowed = is_borrowed(t, m); /* asked first: it may exec meanwhile */
	uint64_t mapped_kib = m->proc.vsz_kib;
	int changed = process_memory(&m->proc);
	if (changed < 0) {
		if (m->fresh && m->proc.statm_len == 0)
			visit->each(visit->ctx, m, 1);
		return -1;
	}
	if (borrowed)
		return 0; /* its memory is its parent's: left out */
	changed |= m->fresh;
	m->late_ns = 0;
	/* A status just read will do, unless it has executed something since. */
	int just_read = m->fresh && m->proc.vsz_kib == mapped_kib && t->sweep_ns < m->mark_ns;
	if ((changed || quiet_turn) && !just_read)
		changed |= read_mark(t, m, now_ns);
	m->turn = quiet_turn;
	m->fresh = 0;
	visit->each(visit->ctx, m, changed);
	return 0;
}

static void drop(struct tree *t, struct member *m)
{
	pidmap_remove(&t->index, m->proc.pid);
	t->kept -= m->proc.statm_fd >= 0;
	process_close(&m->proc);
	buf_free(&m->row);
}

int tree_look(struct tree *t, int64_t now_ns)
{
	size_t before = t->n;
	find_born(t, now_ns);
	return t->n > before;
}

void tree_sweep(struct tree *t, int64_t now_ns, const struct tree_visit *visit)
{
	find_born(t, now_ns);
	t->missed = t->missed_since;
	t->missed_since = 0;
	size_t quiet_n = t->n <= QUIET_ALL ? QUIET_ALL : 1 + t->n / QUIET_SHARE;
	size_t quiet_from = t->quiet < t->n ? t->quiet : 0;
	size_t left = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct member *m = &t->v[i];
		int quiet_turn = visit->all_marks || i - quiet_from < quiet_n;
		if (sweep_one(t, m, now_ns, quiet_turn, visit) != 0) {
			drop(t, m);
			continue;
		}
		if (left != i) {
			t->v[left] = *m;
			pidmap_set(&t->index, m->proc.pid, (uint32_t)left);
		}
		left++;
	}
	t->ended = t->n - left;
	t->n = t->explored = left;
	t->quiet = quiet_from + quiet_n;
	t->sweep_ns = now_ns;
}

void tree_free(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		drop(t, &t->v[i]);
	pidmap_free(&t->index);
	pidmap_free(&t->strangers);
	free(t->v);
	if (t->news.fd >= 0)
		close(t->news.fd);
}
