/* SPDX-License-Identifier: MIT */
/* Bound the memory for processes, however many there are. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "peak/peak_internal.h"

#define SPARE_PROCESSES 1000
#define EVICTED UINT32_MAX

static int by_rss(const void *a, const void *b)
{
	const struct peak_ranked *x = a, *y = b;
	if (x->rss_kib != y->rss_kib)
		return x->rss_kib < y->rss_kib ? 1 : -1;
	return x->i < y->i ? -1 : x->i > y->i;
}

void peak_rank(struct peak_ranked *r, size_t n)
{
	qsort(r, n, sizeof *r, by_rss);
}

size_t peak_first(const struct peak *k)
{
	for (size_t i = 0; i < k->processes; i++)
		if (k->process[i].row.ticks > 0)
			return i;
	return SIZE_MAX;
}

/* Set TO[I] to the new index of process I, or to EVICTED. The processes that are alive, the first
 * one and the largest others stay, in their order. Return how many stay. */
static size_t choose(const struct peak *k, uint32_t *to)
{
	struct peak_ranked *exited = alloc_resize(NULL, k->processes, sizeof *exited);
	size_t n = 0, kept = 0, first = peak_first(k);
	for (uint32_t i = 0; i < k->processes; i++) {
		const struct peak_process *p = &k->process[i];
		to[i] = 0;
		if (p->last_tick != k->tick && i != first)
			exited[n++] = (struct peak_ranked){p->row.rss_kib, i};
	}
	peak_rank(exited, n);
	for (size_t i = k->options.processes; i < n; i++)
		to[exited[i].i] = EVICTED;
	free(exited);
	for (uint32_t i = 0; i < k->processes; i++)
		if (to[i] != EVICTED)
			to[i] = (uint32_t)kept++;
	return kept;
}

/* Evict process I. Its group and the total keep what was counted of it. */
static void evict(struct peak *k, uint32_t i)
{
	const struct peak_process *p = &k->process[i];
	if (p->row.ticks > 0)
		k->evicted++;
	else
		k->evicted_excluded++;
	if (pidmap_get(&k->live, p->pid) == i)
		pidmap_remove(&k->live, p->pid);
	peak_metrics_evict(k, i);
}

static void move(struct peak *k, uint32_t i, uint32_t to)
{
	if (pidmap_get(&k->live, k->process[i].pid) == i)
		pidmap_set(&k->live, k->process[i].pid, to);
	k->process[to] = k->process[i];
	peak_metrics_move(k, i, to);
}

/* Drop the names that no process has now. A process may have had many, one after the other. */
static void drop_names(struct peak *k)
{
	struct intern used = {0};
	for (size_t i = 0; i < k->processes; i++) {
		const struct intern_entry *e = &k->names.v[k->process[i].name];
		k->process[i].name = intern_number(&used, (struct slice){e->text, e->len});
	}
	intern_free(&k->names);
	k->names = used;
}

/* Return how many processes to allow before the next eviction, when KEPT are left. Twice as many,
 * so that the cost of an eviction is spread over many new processes. */
static size_t limit_for(const struct peak *k, size_t kept)
{
	size_t n = kept > k->options.processes ? kept : k->options.processes;
	return 2 * n + SPARE_PROCESSES;
}

void peak_evict(struct peak *k)
{
	if (k->evict_above == 0)
		k->evict_above = limit_for(k, 0);
	if (k->processes <= k->evict_above && k->names.n <= k->evict_above)
		return;
	uint32_t *to = alloc_resize(NULL, k->processes, sizeof *to);
	size_t kept = choose(k, to);
	for (uint32_t i = 0; i < k->processes; i++) {
		if (to[i] == EVICTED)
			evict(k, i);
		else if (to[i] != i)
			move(k, i, to[i]);
	}
	for (size_t i = 0; i < k->previous.n; i++)
		k->previous.v[i] = to[k->previous.v[i]];
	free(to);
	k->processes = kept;
	drop_names(k);
	k->evict_above = limit_for(k, kept);
}
