/* SPDX-License-Identifier: MIT */
/* How much each group or process held over time. */
#include "plot/holdings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"

/* Keep the larger tick and free the other. */
static void merge(void *tick, const void *item)
{
	struct holdings_tick *into = tick;
	const struct holdings_tick *other = item;
	uint64_t footprint_kib = max_u64(into->footprint_kib, other->footprint_kib);
	if (other->rss_kib > into->rss_kib) {
		free(into->v);
		*into = *other;
	} else {
		free(other->v);
	}
	into->footprint_kib = footprint_kib;
}

void holdings_init(struct holdings *h, enum holdings_by by, size_t windows)
{
	static const struct windows_kind kind = {
	    .size = sizeof(struct holdings_tick), .merge = merge};
	*h = (struct holdings){.by = by, .windows = {.kind = &kind, .max = windows}};
}

const struct holdings_tick *holdings_get(const struct holdings *h, size_t i)
{
	return i < h->windows.n ? (const struct holdings_tick *)h->windows.item + i : NULL;
}

/* ---- the present tick */

static int by_size(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;
	return (x->rss_kib < y->rss_kib) - (x->rss_kib > y->rss_kib);
}

void holdings_end(struct holdings *h)
{
	struct holdings_tick tick = h->now;
	tick.footprint_kib = tick.rss_kib + tick.swap_kib;
	if (tick.n == 0)
		return;
	if (tick.n > HOLDINGS_MAX) {
		qsort(h->now.v, tick.n, sizeof *tick.v, by_size);
		tick.n = HOLDINGS_MAX;
	}
	tick.v = alloc_resize(NULL, tick.n, sizeof *tick.v);
	memcpy(tick.v, h->now.v, tick.n * sizeof *tick.v);
	windows_add(&h->windows, &tick);
	h->now.n = 0;
}

void holdings_tick(struct holdings *h, int64_t time_us)
{
	holdings_end(h);
	h->now.time_us = time_us;
	h->now.rss_kib = h->now.swap_kib = 0;
	h->tick++;
}

/* Return the number of NAME. */
static uint32_t number_of(struct holdings *h, struct slice name)
{
	static const char others[] = "(other names)";
	if (h->names.n >= HOLDINGS_NAMES_MAX && intern_find(&h->names, name) == INTERN_NONE)
		name = slice_of(others);
	uint32_t number = intern_number(&h->names, name);
	size_t known = h->last_cap;
	h->last = alloc_grow(h->last, &h->last_cap, number + 1, sizeof *h->last);
	if (h->last_cap > known)
		memset(h->last + known, 0, (h->last_cap - known) * sizeof *h->last);
	return number;
}

/* Return the place in the present tick of a new holder KEY. */
static size_t add(struct holdings *h, uint32_t key)
{
	h->now.v = alloc_grow(h->now.v, &h->cap, h->now.n + 1, sizeof *h->now.v);
	h->now.v[h->now.n] = (struct holding){.key = key};
	return h->now.n++;
}

void holdings_row(struct holdings *h, uint32_t pid, struct slice name, uint64_t rss_kib)
{
	size_t at;
	if (h->by == HOLDINGS_BY_PROCESS) {
		at = add(h, pid);
	} else {
		uint32_t number = number_of(h, name);
		if (h->last[number].tick != h->tick)
			h->last[number] = (struct holdings_last){h->tick, add(h, number)};
		at = h->last[number].at;
	}
	h->now.v[at].rss_kib += rss_kib;
	h->now.rss_kib += rss_kib;
}

void holdings_swap(struct holdings *h, uint64_t swap_kib)
{
	h->now.swap_kib += swap_kib;
}

void holdings_free(struct holdings *h)
{
	for (size_t i = 0; holdings_get(h, i) != NULL; i++)
		free(holdings_get(h, i)->v);
	windows_free(&h->windows);
	free(h->now.v);
	free(h->last);
	intern_free(&h->names);
}
