/* SPDX-License-Identifier: MIT */
/* The processes of the present tick: their part of the bound. */
#include "sample/bound.h"

#include <stdlib.h>
#include <unistd.h>

#include "sample/bound_internal.h"

/* Copies of copies that were all created between two ticks are followed up to this many. */
#define COPIES_MOST 16

/* Fewer faults do not show how much memory comes with one. */
#define RATE_FAULTS_LEAST 16

/* The kernel's counters of two reads may differ by this without a fault in between. */
#define COUNTER_ERROR_KIB 64

void bound_init(struct bound *b)
{
	*b = (struct bound){.page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024};
	b->mark_error_kib = process_mark_error_kib();
	huge_pages_open(&b->huge_pages);
	b->huge_pages_now = huge_pages_given(&b->huge_pages);
}

void bound_free(struct bound *b)
{
	for (size_t i = 0; i < b->zombies; i++)
		process_close(&b->zombie[i]);
	free(b->zombie);
	bound_free_ancestors(b);
	huge_pages_close(&b->huge_pages);
	overlap_free(&b->sum);
	overlap_free(&b->pss_sum);
}

void bound_add(struct bound *b, int64_t from_ns, int64_t to_ns, uint64_t kib, uint64_t shared_kib)
{
	overlap_add(&b->sum, from_ns, to_ns, kib);
	if (b->with_pss)
		overlap_add(&b->pss_sum, from_ns, to_ns, above_u64(kib, shared_kib));
}

uint64_t bound_growth_kib(const struct bound *b, uint64_t faults, double kib_per_fault)
{
	double least = (double)b->page_kib;
	return (uint64_t)((double)faults * (kib_per_fault > least ? kib_per_fault : least));
}

void bound_add_left(struct bound *b, int64_t from_ns, uint64_t kib)
{
	if (b->with_pss)
		overlap_add(&b->pss_sum, from_ns, 0, kib);
}

/* Return what a child can have before it executes a program, a copy of PARENT. EXECUTED: it has
 * executed one, so it may have shared the memory instead. */
static uint64_t copy_kib(const struct bound_process *parent, bool executed)
{
	bool copy = !executed || parent->copies_itself || parent->rss_kib <= BOUND_SMALL_PARENT_KIB;
	return copy ? parent->most_kib : 0;
}

/* Return the process with PID among those that have exited or free their memory, or NULL. */
static const struct tree_exit *exit_of(const struct tree *t, pid_t pid)
{
	for (size_t i = 0; i < t->exits; i++)
		if (t->exit[i].pid == pid)
			return &t->exit[i];
	for (size_t i = 0; i < t->leavings; i++)
		if (t->leaving[i].pid == pid)
			return &t->leaving[i];
	return NULL;
}

uint64_t bound_copy_kib(const struct tree *t, pid_t ppid, bool executed)
{
	executed = executed || !t->in_order;
	for (int level = 0; level < COPIES_MOST; level++) {
		uint32_t i = pidmap_get(&t->index, ppid);
		const struct tree_process *m = i != PIDMAP_NONE ? &t->v[i] : NULL;
		const struct tree_exit *e = m == NULL ? exit_of(t, ppid) : NULL;
		if (m != NULL && m->sampled)
			return copy_kib(&m->bound, executed);
		if (e != NULL && e->bound.known)
			return copy_kib(&e->bound, executed);
		if (m == NULL && (e == NULL || e->executed_ns != 0))
			return 0;
		ppid = m != NULL ? m->process.ppid : e->ppid; /* it is a copy, too */
	}
	return 0;
}

uint64_t bound_any_copy_kib(const struct tree *t)
{
	uint64_t most = 0;
	for (size_t i = 0; i < t->n; i++)
		most = max_u64(most, copy_kib(&t->v[i].bound, true));
	for (size_t i = 0; i < t->exits; i++)
		most = max_u64(most, copy_kib(&t->exit[i].bound, true));
	return most;
}

/* ---- what a process can have had */

/* Return the most that FAULTS faults can have brought in huge pages since the last tick. */
static uint64_t huge_kib(const struct bound *b, uint64_t faults)
{
	return min_u64(b->huge_pages_given, faults) * b->huge_pages.page_kib;
}

/* Return how much M can have grown and given back since its last sample, by its page faults. */
static uint64_t growth_kib(const struct bound *b, const struct tree_process *m)
{
	uint64_t faults = above_u64(m->process.faults, m->bound.faults);
	return bound_growth_kib(b, faults, m->bound.kib_per_fault) + huge_kib(b, faults);
}

/* Return the high-water mark of M, and what the kernel may have it too low if it is not the present
 * RSS. */
static uint64_t mark_kib(const struct bound *b, const struct tree_process *m)
{
	const struct process *p = &m->process;
	return p->hwm_kib > p->rss_kib ? p->hwm_kib + b->mark_error_kib : p->rss_kib;
}

/* Return the most that M can have had since the tick before: of the program that it executes now,
 * if it has executed one since. */
static uint64_t present_kib(const struct bound *b, const struct tree_process *m)
{
	const struct process *p = &m->process;
	const struct bound_process *last = &m->bound;
	uint64_t mark = mark_kib(b, m);
	if (m->mark_predates)
		return p->rss_kib;
	if (p->executing)
		return max_u64(mark, last->rss_kib);
	if (!last->known || m->executed_ns != 0 || p->hwm_kib > last->mark_kib)
		return mark;
	if (p->hwm_kib <
	    last->mark_kib) /* of another program, whose execution is not reported yet */
		return max_u64(mark, last->rss_kib + growth_kib(b, m));
	if (!m->changed)
		return p->rss_kib;
	uint64_t grown = max_u64(p->rss_kib, last->rss_kib) + growth_kib(b, m);
	return last->outgrows_faults || mark < grown ? mark : grown;
}

/* Return the most that M can have had of the program that it executed before, since the tick
 * before, or 0 if it has executed none since. */
static uint64_t earlier_kib(const struct bound *b, const struct tree_process *m)
{
	if (m->executed_ns == 0 || !m->bound.known)
		return 0;
	return m->bound.rss_kib + growth_kib(b, m);
}

/* Return whether M, a new process, has been in execve(2) since the tick before. Only freeing a copy
 * of its parent takes so long: memory that it shared with its parent is not freed. */
static bool frees_copy(const struct tree_process *m)
{
	return m->process.executing && m->created_ns == 0;
}

/* Add M, and the program that it executed before. If it was not sampled with that one, it began
 * with a copy of its parent. */
static void add_process(struct bound *b, const struct tree *t, const struct tree_process *m)
{
	bool known = m->bound.known, executed = m->executed_ns != 0;
	int64_t created_ns = known ? 0 : m->created_ns;
	uint64_t before = known ? earlier_kib(b, m) : 0, shared = m->pss.executed.saved_kib;
	if (!known && (executed || m->process.executing)) {
		before = bound_copy_kib(t, m->process.ppid, !frees_copy(m));
		/* It had its own copy of a page for each fault. */
		shared = above_u64(before, m->process.faults * b->page_kib);
	}
	bound_add(b, created_ns, m->executed_ns, before, shared);
	if (executed)
		bound_add_left(b, m->executed_ns, m->pss.executed.common_kib);
	bound_add(
	    b, executed ? m->executed_ns : created_ns, 0, present_kib(b, m), m->pss.saved_kib);
}

/* ---- what the next interval needs */

/* Return the memory of M that is neither of files nor shared, as of its last read. */
static uint64_t own_kib(const struct tree_process *m)
{
	return above_u64(m->process.rss_kib, m->process.shared_kib);
}

/* Learn from two samples of M how much a fault brings that brings no huge page. The faults are read
 * a moment before or after the memory, which is time for one huge page. */
static void learn_growth(const struct bound *b, struct tree_process *m)
{
	struct bound_process *last = &m->bound;
	uint64_t faults = above_u64(m->process.faults, last->faults);
	uint64_t kib = above_u64(m->process.rss_kib, last->rss_kib + huge_kib(b, faults + 1));
	last->kib_per_fault /= 2; /* what was learned counts for less and less */
	if (kib > faults * fault_curve_most_kib() + COUNTER_ERROR_KIB)
		last->outgrows_faults = true;
	else if (faults >= RATE_FAULTS_LEAST && (double)kib / (double)faults > last->kib_per_fault)
		last->kib_per_fault = (double)kib / (double)faults;
}

/* Note that M began as a copy of its parent. While it executes the same program, so may children of
 * it. */
static void learn_copy(struct tree *t, struct tree_process *m)
{
	uint32_t parent = pidmap_get(&t->index, m->process.ppid);
	if (parent != PIDMAP_NONE)
		t->v[parent].bound.copies_itself = true;
	m->bound.copies_itself = true;
}

static void learn(struct bound *b, struct tree *t, struct tree_process *m)
{
	struct bound_process *last = &m->bound;
	if (m->process.executing)
		return;
	if (m->executed_ns != 0)
		last->outgrows_faults = last->copies_itself = false;
	else if (last->known && m->changed)
		learn_growth(b, m);
	else if (!last->known && m->created_ns != 0)
		learn_copy(t, m);
	if (m->changed)
		fault_curve_learn(&b->curve, m->process.faults, m->process.hwm_kib);
	if (!last->known)
		last->children_faults = m->process.children_faults;
	last->rss_kib = m->process.rss_kib;
	last->own_kib = own_kib(m);
	last->mark_kib = m->process.hwm_kib;
	last->faults = m->process.faults;
	last->known = true;
}

/* Return how many huge pages M, at least, has been given since its last sample: its other faults
 * brought a page each. */
static uint64_t huge_pages_of(const struct bound *b, const struct tree_process *m)
{
	bool executed = m->executed_ns != 0;
	if (!m->changed || m->process.executing || (!m->bound.known && !executed))
		return 0;
	uint64_t faults = above_u64(m->process.faults, m->bound.faults);
	uint64_t grown = above_u64(own_kib(m), executed ? 0 : m->bound.own_kib);
	uint64_t small = faults * b->page_kib + COUNTER_ERROR_KIB;
	return above_u64(grown, small) / b->huge_pages.page_kib;
}

/* Add what processes can have been given in huge pages after their last samples. A page fault can
 * have brought one, and no more than the machine has given out can have come, without those that
 * others show. */
static void add_huge_pages(struct bound *b, const struct tree *t)
{
	uint64_t given = b->huge_pages_given;
	for (size_t i = 0; given > 0 && i < t->n; i++)
		if (t->v[i].sampled)
			given = above_u64(given, huge_pages_of(b, &t->v[i]));
	bound_add(b, 0, 0, min_u64(given, b->late_faults) * b->huge_pages.page_kib, 0);
	b->late_faults = 0;
}

void bound_begin_tick(struct bound *b, const struct tree *t, int64_t now_ns)
{
	bound_read_ancestors(b, t, now_ns);
	b->huge_pages_then = b->huge_pages_now;
	b->huge_pages_now = huge_pages_given(&b->huge_pages);
}

uint64_t bound_of_tick(struct bound *b, struct tree *t, int64_t from_ns, int64_t to_ns)
{
	b->huge_pages_given = above_u64(huge_pages_given(&b->huge_pages), b->huge_pages_then);
	overlap_begin(&b->sum, from_ns, to_ns);
	overlap_begin(&b->pss_sum, from_ns, to_ns);
	for (size_t i = 0; i < t->n; i++)
		t->v[i].bound.most_kib = max_u64(present_kib(b, &t->v[i]), earlier_kib(b, &t->v[i]));
	overlap_add(&b->sum, 0, 0, tree_possible_kib(t));
	overlap_add(&b->sum, 0, 0, bound_growth_kib(b, t->possible_late_faults, 0));
	bound_add_exits(b, t);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].sampled)
			add_process(b, t, &t->v[i]);
	add_huge_pages(b, t);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].sampled)
			learn(b, t, &t->v[i]);
	b->pss_kib = overlap_largest(&b->pss_sum);
	return overlap_largest(&b->sum);
}
