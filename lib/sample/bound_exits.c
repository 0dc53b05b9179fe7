/* SPDX-License-Identifier: MIT */
/*
 * The processes that have exited since the tick before: their part of the bound.
 *
 * Such a process may have grown after its last sample, or it was never sampled. The page faults
 * that it took show how much it had. They are read from the zombie. When its parent has waited for
 * it, they are part of the faults of the children of the parent. Those of them that are known
 * already are subtracted:
 *
 *	            tick             tick
 *	cc1         9000 faults ---- exits
 *	as                  created, exits
 *	gcc         0 of children    9700 of children: cc1 has taken 700 more, or as 700
 */
#include "base/alloc.h"
#include "sample/bound_internal.h"

/* Exited processes that were not sampled have at most this times the faults of their average. */
#define FAULTS_SPREAD 1.25

/* Where the system does not report creations, every process of the tree may be the parent of one
 * that was not seen. Reading the faults of more processes than this would cost too much. */
#define PARENTS_MOST 64

/* A process takes at least this many faults, even if it exits immediately after fork(2). */
#define PROCESS_FAULTS_LEAST 8

/* Faults of processes that no living parent has waited for are forgotten in about this time: if a
 * parent ignores the exits of its children, their faults never appear. */
#define FORGET_NS 1000000000LL

/* The faults of exited processes. */
struct waited {
	uint64_t faults;  /* that have appeared, and are not known to be those of a sampled process */
	uint64_t orphans; /* that will appear, of sampled processes whose parents have exited */
	bool reaped_orphan; /* the reaper can have waited for a process */
	double kib_per_fault;
	bool any;
	int64_t last_ns; /* the last exit of a sampled one; 0: not known */
};

/* Return the faults of the children of P that were added since the last call, which set *LAST. */
static uint64_t added_faults(struct process *p, uint64_t *last)
{
	if (process_read_faults(p) != 0)
		return 0;
	uint64_t faults = above_u64(p->children_faults, *last);
	*last = p->children_faults;
	return faults;
}

/* Note that a child of PPID has been waited for, which is known to have taken FAULTS, with its
 * children. */
static void add_reaped(
    struct bound *b, struct waited *w, struct tree *t, pid_t ppid, uint64_t faults)
{
	uint32_t i = pidmap_get(&t->index, ppid);
	if (i == PIDMAP_NONE) {
		w->reaped_orphan = true;
		w->orphans += faults;
		bound_note_waited(b, ppid);
		return;
	}
	b->reaping = t->v[i].bound.reaped = true;
	t->v[i].bound.reaped_faults += faults;
}

/* Read the faults of the children that M has waited for. */
static void read_parent(struct waited *w, struct tree_process *m)
{
	struct bound_process *parent = &m->bound;
	uint64_t added = added_faults(&m->process, &parent->children_faults);
	w->faults += above_u64(added, parent->reaped_faults);
	parent->reaped = false;
	parent->reaped_faults = 0;
}

/* Return whether processes may have been created and have exited that the system did not report. */
static bool has_missed(const struct tree *t)
{
	return !t->in_order && t->missed > 0;
}

/* Note the exits of processes that were missed, or that may have belonged to the tree. The latter
 * may have grown since they were read. */
static void note_missed(struct bound *b, struct waited *w, const struct tree *t)
{
	if (t->possible_exits > 0 || has_missed(t))
		bound_note_missed(b);
	if (t->possible_exits == 0)
		return;
	w->orphans += t->possible_faults;
	w->any = true;
	w->last_ns = 0;
}

/* Read the faults of the children that parents have waited for, once all have been noted. A read of
 * a parent in execve(2) would wait, so it is left to the next tick. */
static void read_parents(struct bound *b, struct waited *w, struct tree *t)
{
	bool left = false;
	for (size_t i = 0; b->reaping && i < t->n; i++) {
		if (t->v[i].bound.reaped && t->v[i].process.executing)
			left = true;
		else if (t->v[i].bound.reaped)
			read_parent(w, &t->v[i]);
	}
	b->reaping = left;
	if (w->reaped_orphan && t->reaper.handle != NULL)
		w->faults += added_faults(&t->reaper, &t->reaper_faults);
	w->faults += bound_ancestors_faults(b, t);
}

/* Add those zombies that their parents have waited for. */
static void add_zombies(struct bound *b, struct waited *w, struct tree *t)
{
	size_t left = 0;
	for (size_t i = 0; i < b->zombies; i++) {
		struct process *p = &b->zombie[i];
		if (process_read_faults(p) == 0) {
			b->zombie[left++] = *p;
			continue;
		}
		add_reaped(b, w, t, p->ppid, p->faults + p->children_faults);
		process_close(p);
	}
	b->zombies = left;
}

/* Set *KIB to the most that E can have grown by after its last sample. Return false if E does not
 * exist any more. */
static bool read_growth(struct bound *b, struct tree_exit *e, uint64_t *kib)
{
	if (e->process.handle == NULL || process_read_faults(&e->process) != 0)
		return false;
	uint64_t faults = above_u64(e->process.faults, e->bound.faults);
	*kib = bound_growth_kib(b, faults, e->bound.kib_per_fault);
	b->late_faults += faults;
	return true;
}

/* Add E, which was sampled at the tick before. If the launcher has waited for E, E held no more than
 * the largest RSS that this reported. If E is small, a copy of it can have held as much. */
static void add_sampled(struct bound *b, struct waited *w, struct tree *t, struct tree_exit *e)
{
	bound_add(b, 0, e->exited_ns, e->bound.rss_kib, e->pss.saved_kib);
	bound_add_left(b, e->exited_ns, e->pss.common_kib);
	e->bound.most_kib = e->bound.rss_kib;
	uint64_t growth_kib;
	if (read_growth(b, e, &growth_kib)) {
		/* Children that it has waited for. Its own parent does not have their faults yet.
		 */
		w->faults += above_u64(e->process.children_faults,
		    e->bound.children_faults + e->bound.reaped_faults);
		bound_add(b, 0, e->exited_ns, growth_kib, 0);
		e->bound.most_kib += growth_kib;
		b->zombie =
		    alloc_grow(b->zombie, &b->zombie_cap, b->zombies + 1, sizeof *b->zombie);
		b->zombie[b->zombies++] = e->process;
		e->process.handle = NULL;
		return;
	}
	if (pidmap_get(&t->index, e->ppid) == PIDMAP_NONE)
		e->bound.most_kib = max_u64(
		    e->bound.most_kib, min_u64(b->waited_kib, BOUND_SMALL_PARENT_KIB));
	add_reaped(b, w, t, e->ppid, e->process.faults + e->process.children_faults);
	if (e->bound.kib_per_fault > w->kib_per_fault)
		w->kib_per_fault = e->bound.kib_per_fault;
	w->last_ns = e->exited_ns == 0 || (w->any && w->last_ns == 0) ? 0
		     : e->exited_ns > w->last_ns		      ? e->exited_ns
								      : w->last_ns;
	w->any = true;
}

/* Return the faults that have appeared and are of no sampled process, or that a sampled one took
 * after its last sample. */
static uint64_t new_faults(struct bound *b, const struct waited *w)
{
	int64_t passed_ns = min_i64(b->sum.to_ns - b->sum.from_ns, FORGET_NS);
	uint64_t forgotten = (uint64_t)((double)b->orphan_faults * (double)passed_ns / FORGET_NS);
	uint64_t known = b->orphan_faults - forgotten + w->orphans;
	b->orphan_faults = above_u64(known, w->faults);
	b->late_faults += above_u64(w->faults, known);
	return above_u64(w->faults, known);
}

/* Return the faults that each unseen process can have taken, of FAULTS in all. */
static uint64_t unseen_faults(struct bound *b, uint64_t faults)
{
	uint64_t each = faults / b->unseen;
	if (each == 0)
		each = b->unseen_faults; /* their parents have not waited for them yet */
	b->unseen_faults = b->unseen_faults == 0 ? each : (b->unseen_faults * 3 + each) / 4;
	return (uint64_t)((double)each * FAULTS_SPREAD);
}

/* Add E, which was not sampled and took FAULTS. A copy of its parent can have grown. */
static void add_unsampled(
    struct bound *b, const struct tree *t, const struct tree_exit *e, uint64_t faults)
{
	bool executed = e->executed_ns != 0;
	uint64_t copy_kib = bound_copy_kib(t, e->ppid, executed);
	uint64_t grown_kib = fault_curve_kib(&b->curve, faults);
	if (copy_kib > 0 && !executed)
		copy_kib += faults * b->page_kib;
	bound_add(b, e->created_ns, e->exited_ns, max_u64(grown_kib, copy_kib),
	    above_u64(copy_kib, grown_kib));
}

/* Return whether nothing but its faults is known of E. */
static bool is_unseen(const struct bound *b, const struct tree_exit *e)
{
	return !e->bound.known && e->pid != b->command;
}

/* Add the processes that were never sampled and have exited or are freeing their memory. The system
 * reports such processes. They took FAULTS in all. */
static void add_unseen(struct bound *b, struct tree *t, uint64_t faults)
{
	uint64_t each = unseen_faults(b, faults);
	for (size_t i = 0; i < t->exits; i++)
		if (is_unseen(b, &t->exit[i]))
			add_unsampled(b, t, &t->exit[i], each);
	for (size_t i = 0; i < t->leavings; i++)
		if (is_unseen(b, &t->leaving[i]))
			add_unsampled(b, t, &t->leaving[i], each);
}

/* Read the faults of the children that the processes of the tree have waited for, unless there are
 * too many processes. Return whether they were read. */
static bool read_all_parents(struct waited *w, struct tree *t)
{
	if (t->n > PARENTS_MOST)
		return false;
	for (size_t i = 0; i < t->n; i++)
		read_parent(w, &t->v[i]);
	return true;
}

/* Add the processes that were created and exited in the interval, where the system does not report
 * them: those that were found, and those that were not, of which any process of the tree may be the
 * parent. */
static void add_missed(struct bound *b, struct waited *w, struct tree *t)
{
	bool limited = read_all_parents(w, t);
	uint64_t faults = new_faults(b, w);
	size_t most = (size_t)(faults / PROCESS_FAULTS_LEAST) + 1;
	if (limited && faults == 0 && b->unseen == 0)
		return;
	if (!limited || b->unseen + t->missed <= most)
		b->unseen += t->missed;
	else if (b->unseen < most)
		b->unseen = most;
	if (b->unseen == 0)
		return;
	uint64_t grown_kib = fault_curve_kib(&b->curve, unseen_faults(b, faults));
	uint64_t copy_kib = bound_any_copy_kib(t);
	bound_add(b, 0, 0, b->unseen * max_u64(grown_kib, copy_kib),
	    b->unseen * above_u64(copy_kib, grown_kib));
}

static void add_reported(struct bound *b, struct waited *w, struct tree *t)
{
	uint64_t faults = new_faults(b, w);
	if (b->unseen > 0)
		add_unseen(b, t, faults);
	else if (w->any)
		bound_add(b, 0, w->last_ns, bound_growth_kib(b, faults, w->kib_per_fault), 0);
}

/* Add the processes that show no memory any more, while it is being freed. */
static void add_leaving(struct bound *b, struct tree *t)
{
	for (size_t i = 0; i < t->leavings; i++) {
		struct tree_exit *e = &t->leaving[i];
		uint64_t growth_kib = 0;
		b->unseen += is_unseen(b, e);
		if (!e->bound.known)
			continue;
		(void)read_growth(b, e, &growth_kib);
		e->bound.most_kib = e->bound.rss_kib + growth_kib;
		bound_add(b, e->created_ns, 0, e->bound.most_kib, e->pss.saved_kib);
	}
}

void bound_add_exits(struct bound *b, struct tree *t)
{
	struct waited w = {0};
	b->exited = b->unseen = 0;
	for (size_t i = 0; i < t->exits; i++) {
		struct tree_exit *e = &t->exit[i];
		b->exited += !is_unseen(b, e);
		b->unseen += is_unseen(b, e);
		if (e->bound.known) {
			add_sampled(b, &w, t, e);
			continue;
		}
		add_reaped(b, &w, t, e->ppid, 0);
		if (!is_unseen(b, e))
			bound_add(b, e->created_ns, e->exited_ns, b->command_kib, 0);
	}
	note_missed(b, &w, t);
	/* A process that was read as a zombie can have been waited for since then, and be in the
	 * faults that are read next. */
	add_zombies(b, &w, t);
	read_parents(b, &w, t);
	add_leaving(b, t);
	if (has_missed(t))
		add_missed(b, &w, t);
	else
		add_reported(b, &w, t);
}
