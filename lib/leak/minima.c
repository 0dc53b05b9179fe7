/* SPDX-License-Identifier: MIT */
/* The lowest values of a quantity over time. */
#include "leak/minima.h"

static void keep_lower(void *into, const void *item)
{
	struct minima_point *point = into;
	const struct minima_point *other = item;
	if (other->kib < point->kib)
		*point = *other;
}

static const struct windows_kind kind = {
    .size = sizeof(struct minima_point),
    .merge = keep_lower,
    .sparse = true,
};

void minima_add(struct minima *m, int64_t time_us, uint64_t kib)
{
	if (m->n == 0) {
		m->first_us = time_us;
		m->windows = (struct windows){.kind = &kind, .max = MINIMA_POINTS};
	}
	m->last_us = time_us;
	windows_add(&m->windows, &(struct minima_point){time_us, kib});
	m->v = m->windows.item;
	m->n = m->windows.n;
}

void minima_free(struct minima *m)
{
	windows_free(&m->windows);
	*m = (struct minima){0};
}
