/* The course of one figure over time in a bounded number of points. */
#include "leak/minima.h"

#include <stdlib.h>

#include "base/alloc.h"


#define FIRST_WIDTH_US 100

static int same_window(const struct minima *c, int64_t a_us, int64_t b_us)
{
	return (a_us - c->first_us) / c->width_us == (b_us - c->first_us) / c->width_us;
}

/* Adds P behind the first N points; how many there are then. */
static size_t append(struct minima *c, size_t n, struct minima_point p)
{
	if (n > 0 && same_window(c, c->v[n - 1].time_us, p.time_us)) {
		if (p.kib < c->v[n - 1].kib)
			c->v[n - 1] = p;
		return n;
	}
	c->v[n] = p;
	return n + 1;
}

static void widen(struct minima *c)
{
	size_t n = 0;
	c->width_us *= 2;
	for (size_t i = 0; i < c->n; i++)
		n = append(c, n, c->v[i]);
	c->n = n;
}

static void grow(struct minima *c)
{
	c->cap = c->cap == 0 ? 8 : c->cap * 2;
	c->v = alloc_resize(c->v, c->cap, sizeof *c->v);
}

void minima_add(struct minima *c, int64_t time_us, uint64_t kib)
{
	if (c->n == 0) {
		c->first_us = time_us;
		c->width_us = FIRST_WIDTH_US;
	}
	while (c->n == MINIMA_POINTS)
		widen(c);
	if (c->n == c->cap)
		grow(c);
	c->last_us = time_us;
	c->n = append(c, c->n, (struct minima_point){time_us, kib});
}

void minima_free(struct minima *c)
{
	free(c->v);
	*c = (struct minima){0};
}
