/* SPDX-License-Identifier: MIT */
/* The largest sum of amounts that exist at one time. */
#include "sample/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void overlap_begin(struct overlap *o, int64_t from_ns, int64_t to_ns)
{
	o->from_ns = from_ns;
	o->to_ns = to_ns;
	o->always = 0;
	o->n = 0;
}

void overlap_add(struct overlap *o, int64_t from_ns, int64_t to_ns, uint64_t amount)
{
	if (from_ns < o->from_ns)
		from_ns = o->from_ns;
	if (to_ns == 0 || to_ns > o->to_ns)
		to_ns = o->to_ns;
	if (amount == 0)
		return;
	if (from_ns <= o->from_ns && to_ns >= o->to_ns) {
		o->always += amount;
		return;
	}
	if (to_ns <= from_ns)
		to_ns = from_ns + 1; /* it existed, however short */
	o->start = alloc_grow(o->start, &o->start_cap, o->n + 1, sizeof *o->start);
	o->end = alloc_grow(o->end, &o->end_cap, o->n + 1, sizeof *o->end);
	o->start[o->n] = o->end[o->n] = (struct overlap_part){from_ns, to_ns, amount};
	o->n++;
}

static int by_start(const void *a, const void *b)
{
	const struct overlap_part *x = a, *y = b;
	return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

static int by_end(const void *a, const void *b)
{
	const struct overlap_part *x = a, *y = b;
	return (x->to_ns > y->to_ns) - (x->to_ns < y->to_ns);
}

/* The sum grows at starts only, so the largest is that at some start. */
uint64_t overlap_largest(struct overlap *o)
{
	uint64_t sum = 0, largest = 0;
	if (o->n > 0) {
		qsort(o->start, o->n, sizeof *o->start, by_start);
		qsort(o->end, o->n, sizeof *o->end, by_end);
	}
	for (size_t i = 0, ended = 0; i < o->n; i++) {
		for (; o->end[ended].to_ns <= o->start[i].from_ns; ended++)
			sum -= o->end[ended].amount;
		sum += o->start[i].amount;
		largest = sum > largest ? sum : largest;
	}
	return o->always + largest;
}

void overlap_free(struct overlap *o)
{
	free(o->start);
	free(o->end);
	*o = (struct overlap){0};
}
