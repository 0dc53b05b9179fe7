/* SPDX-License-Identifier: MIT */
/* The bound, "at most": the largest RSS that the tree, or a group, can have held. */
#include "peak/peak_bound.h"

#include "peak/peak_internal.h"

/* Return the marks of the processes that were in the previous tick only: their sum was PREVIOUS_KIB
 * with those in S. */
static uint64_t exited_kib(uint64_t previous_kib, const struct peak_sums *s)
{
	return previous_kib - min_u64(previous_kib, s->continued_kib);
}

uint64_t peak_bound_of_tree(const struct peak *k)
{
	const struct peak_sums *s = &k->sums;
	if (k->bound_known)
		return k->bound_kib;
	return s->bound_kib + exited_kib(k->previous_kib, s) + k->unseen_kib +
	       k->mark_error_kib * (s->procs + k->previous.n - s->continued);
}

uint64_t peak_bound_of_group(const struct peak *k, const struct peak_group *g)
{
	uint64_t exited = exited_kib(g->previous_kib, &g->sums);
	return g->sums.bound_kib + exited + k->mark_error_kib * (g->sums.procs + (exited > 0));
}

void peak_bound_note_exits(struct peak *k, uint64_t bound, uint64_t tick)
{
	uint64_t lowest = UINT64_MAX;
	if (k->bounds_known)
		return;
	for (size_t i = 0; i < k->previous.n; i++) {
		const struct peak_process *p = &k->process[k->previous.v[i]];
		if (p->counted_tick != tick)
			lowest = min_u64(lowest, p->mark_kib);
	}
	if (lowest != UINT64_MAX)
		peak_raise(&k->exit_bound_kib, bound - lowest);
}

void peak_bound_end_stream(struct peak *k)
{
	uint64_t bound = k->previous_kib + k->unseen_kib + k->mark_error_kib * k->previous.n;
	/* Without a tick after it, `#bound_kib` is of the time from the last tick to the end. */
	if (k->bound_known && k->bound_kib > k->total.bound_kib) {
		k->total.bound_kib = k->bound_kib;
		k->bound_exits = k->exits;
	}
	k->bound_known = false;
	if (k->previous.n > 0 && !k->bounds_known && bound > k->total.bound_kib) {
		k->total.bound_kib = bound;
		k->bound_exits = 0;
	}
	peak_bound_note_exits(k, bound, 0);
	k->bounds_known = false;
}

void peak_bound_add_maxrss(struct peak *k)
{
	uint64_t max = k->maxrss_kib;
	if (max == 0)
		return;
	peak_raise(&k->total.bound_kib, max + k->mark_error_kib);
	if (max > k->highest_mark_kib + k->highest_mark_kib / 64)
		peak_raise(&k->total.bound_kib, k->exit_bound_kib + max + k->mark_error_kib);
}
