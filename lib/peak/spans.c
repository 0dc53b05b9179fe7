/* The course of a total over time in a bounded number of spans. */
#include "peak/spans.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"


#define FIRST_WIDTH_US 100

void spans_init(struct spans *s, size_t max)
{
	*s = (struct spans){.max = max + (max & 1)};
	if (max == 0)
		return;
	s->v = alloc_resize(NULL, s->max, sizeof *s->v);
	memset(s->v, 0, s->max * sizeof *s->v);
}

static void merge(struct span *into, const struct span *other)
{
	if (other->ticks == 0)
		return;
	if (into->ticks == 0) {
		*into = *other;
		return;
	}
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

static void halve(struct spans *s)
{
	for (size_t i = 0; i < s->max; i += 2) {
		struct span both = s->v[i];
		merge(&both, &s->v[i + 1]);
		s->v[i / 2] = both;
	}
	memset(s->v + s->max / 2, 0, s->max / 2 * sizeof *s->v);
	s->width_us *= 2;
}

void spans_add(struct spans *s, const struct span *tick)
{
	if (s->max == 0)
		return;
	if (s->width_us == 0) {
		s->start_us = tick->time_us;
		s->width_us = FIRST_WIDTH_US;
	}
	/* A log put together in another order: all that is earlier is first. */
	int64_t since = tick->time_us > s->start_us ? tick->time_us - s->start_us : 0;
	while (since / s->width_us >= (int64_t)s->max)
		halve(s);
	merge(&s->v[since / s->width_us], tick);
}

void spans_free(struct spans *s)
{
	free(s->v);
	s->v = NULL;
}
