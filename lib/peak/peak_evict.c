/* Keeps what is known of single processes in bounds, however many there are. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "peak/peak_internal.h"

#define ROOM 1000
#define FORGOTTEN UINT32_MAX

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

/* Where each goes: who is still there, the first, and the largest of the others
 * stay, in their order. How many stay. */
static size_t choose(const struct peak *k, uint32_t *to)
{
	struct peak_ranked *ended = alloc_resize(NULL, k->processes, sizeof *ended);
	size_t n = 0, kept = 0, first = peak_first(k);
	for (uint32_t i = 0; i < k->processes; i++) {
		const struct peak_process *p = &k->process[i];
		to[i] = 0;
		if (p->tick != k->tick && i != first)
			ended[n++] = (struct peak_ranked){p->row.rss_kib, i};
	}
	peak_rank(ended, n);
	for (size_t i = k->options.processes; i < n; i++)
		to[ended[i].i] = FORGOTTEN;
	free(ended);
	for (uint32_t i = 0; i < k->processes; i++)
		if (to[i] != FORGOTTEN)
			to[i] = (uint32_t)kept++;
	return kept;
}

/* What was counted of it stays in its group and in the total. */
static void forget(struct peak *k, uint32_t i)
{
	const struct peak_process *p = &k->process[i];
	if (p->row.ticks > 0)
		k->forgotten++;
	else
		k->forgotten_left_out++;
	if (pidmap_get(&k->live, p->pid) == i)
		pidmap_remove(&k->live, p->pid);
	peak_metrics_forget(k, i);
}

static void move(struct peak *k, uint32_t i, uint32_t to)
{
	if (pidmap_get(&k->live, k->process[i].pid) == i)
		pidmap_set(&k->live, k->process[i].pid, to);
	k->process[to] = k->process[i];
	peak_metrics_move(k, i, to);
}

/* A process can have had many names, one after the other. */
static void forget_names(struct peak *k)
{
	struct intern used = {0};
	for (size_t i = 0; i < k->processes; i++) {
		const struct intern_entry *e = &k->names.v[k->process[i].name];
		k->process[i].name = intern_number(&used, (struct slice){e->text, e->len});
	}
	intern_free(&k->names);
	k->names = used;
}

/* The room doubles, so that a tree of many that live is not gone through again
 * and again. */
static size_t limit_for(const struct peak *k, size_t kept)
{
	return 2 * (kept > k->options.processes ? kept : k->options.processes) + ROOM;
}

void peak_evict(struct peak *k)
{
	if (k->forget_above == 0)
		k->forget_above = limit_for(k, 0);
	if (k->processes <= k->forget_above && k->names.n <= k->forget_above)
		return;
	uint32_t *to = alloc_resize(NULL, k->processes, sizeof *to);
	size_t kept = choose(k, to);
	for (uint32_t i = 0; i < k->processes; i++) {
		if (to[i] == FORGOTTEN)
			forget(k, i);
		else if (to[i] != i)
			move(k, i, to[i]);
	}
	for (size_t i = 0; i < k->before_n; i++)
		k->before[i] = to[k->before[i]];
	free(to);
	k->processes = kept;
	forget_names(k);
	k->forget_above = limit_for(k, kept);
}
