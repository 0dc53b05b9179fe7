/* How much each group or process held over time. */
#include "plot/holdings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FIRST_WIDTH_US 100

void holdings_init(struct holdings *h, enum holdings_by by, size_t windows)
{
	*h = (struct holdings){.by = by, .windows = windows + (windows & 1)};
	h->window = alloc_resize(NULL, h->windows, sizeof *h->window);
	memset(h->window, 0, h->windows * sizeof *h->window);
}

/* ---- windows */

/* Keep in W the larger of its tick and that of OTHER, and free the smaller. */
static void merge(struct holdings_tick *w, struct holdings_tick *other)
{
	struct holdings_tick kept = *w;
	if (other->used && (!kept.used || other->rss_kib > kept.rss_kib)) {
		*w = *other;
		*other = kept;
	}
	free(other->v);
	*other = (struct holdings_tick){0};
}

static void halve(struct holdings *h)
{
	for (size_t i = 0; i < h->windows; i += 2) {
		struct holdings_tick both = h->window[i];
		merge(&both, &h->window[i + 1]);
		h->window[i] = (struct holdings_tick){0};
		h->window[i / 2] = both;
	}
	h->width_us *= 2;
}

/* Return the window of TIME_US. A time before the start belongs to the first. */
static struct holdings_tick *window_at(struct holdings *h, int64_t time_us)
{
	if (h->width_us == 0) {
		h->start_us = time_us;
		h->width_us = FIRST_WIDTH_US;
	}
	int64_t since = time_us > h->start_us ? time_us - h->start_us : 0;
	while (since / h->width_us >= (int64_t)h->windows)
		halve(h);
	return &h->window[since / h->width_us];
}

/* ---- the present tick */

static int by_size(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;
	return (x->rss_kib < y->rss_kib) - (x->rss_kib > y->rss_kib);
}

static void keep(struct holdings *h, struct holdings_tick *w)
{
	struct holding *v = w->v;
	size_t n = h->now.n;
	if (n > HOLDINGS_MAX) {
		qsort(h->now.v, n, sizeof *h->now.v, by_size);
		n = HOLDINGS_MAX;
	}
	v = alloc_resize(v, n, sizeof *v);
	memcpy(v, h->now.v, n * sizeof *v);
	*w = h->now;
	w->v = v;
	w->n = n;
}

void holdings_end(struct holdings *h)
{
	if (h->now.n == 0)
		return;
	struct holdings_tick *w = window_at(h, h->now.time_us);
	if (!w->used || h->now.rss_kib > w->rss_kib)
		keep(h, w);
	h->now.n = 0;
}

void holdings_tick(struct holdings *h, int64_t time_us)
{
	holdings_end(h);
	h->now.time_us = time_us;
	h->now.rss_kib = 0;
	h->now.used = true;
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

void holdings_free(struct holdings *h)
{
	for (size_t i = 0; i < h->windows; i++)
		free(h->window[i].v);
	free(h->window);
	free(h->now.v);
	free(h->last);
	intern_free(&h->names);
}
