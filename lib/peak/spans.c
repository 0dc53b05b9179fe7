/* SPDX-License-Identifier: MIT */
/* The sums of all ticks over time, in a bounded number of spans. */
#include "peak/spans.h"

static void merge(void *span, const void *item)
{
	struct span *into = span;
	const struct span *other = item;
	if (other->rss_kib > into->rss_kib) {
		into->rss_kib = other->rss_kib;
		into->time_us = other->time_us;
		into->procs = other->procs;
	}
	if (other->bound_kib > into->bound_kib)
		into->bound_kib = other->bound_kib;
	if (other->first_us < into->first_us)
		into->first_us = other->first_us;
	if (other->last_us > into->last_us)
		into->last_us = other->last_us;
	into->ticks += other->ticks;
}

void spans_init(struct spans *s, size_t max)
{
	static const struct windows_kind kind = {.size = sizeof(struct span), .merge = merge};
	*s = (struct spans){.windows = {.kind = &kind, .max = max}};
}

void spans_add(struct spans *s, const struct span *tick)
{
	if (s->windows.max > 0)
		windows_add(&s->windows, tick);
}

const struct span *spans_get(const struct spans *s, size_t i)
{
	return i < s->windows.n ? (const struct span *)s->windows.item + i : NULL;
}

void spans_free(struct spans *s)
{
	windows_free(&s->windows);
}
