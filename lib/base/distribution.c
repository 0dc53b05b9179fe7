/* SPDX-License-Identifier: MIT */
/* How long a value was how large. */
#include "base/distribution.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define OCTAVES DISTRIBUTION_OCTAVES
#define RANGES DISTRIBUTION_RANGES

/* Return the range of VALUE. The first octave has the values below 128, one range each; each
 * further one has those up to the next power of two. */
static struct distribution_range *find(struct distribution *d, uint64_t value)
{
	unsigned octave = 0;
	while (value >> octave >= UINT64_C(2) * RANGES)
		octave++;
	size_t range = (size_t)(value >> octave);
	octave = range >= RANGES ? octave + 1 : 0;
	range %= RANGES;
	if (d->octave[octave] == NULL) {
		d->octave[octave] = alloc_resize(NULL, RANGES, sizeof **d->octave);
		memset(d->octave[octave], 0, RANGES * sizeof **d->octave);
	}
	return &d->octave[octave][range];
}

static void add(struct distribution_range *to, double time, double sum)
{
	to->time += time;
	to->sum += sum;
}

void distribution_add(struct distribution *d, uint64_t value, double time)
{
	add(find(d, value), time, (double)value * time);
}

void distribution_add_part(struct distribution *d, const struct distribution *other, double part)
{
	for (size_t i = 0; i < OCTAVES; i++) {
		const struct distribution_range *from = other->octave[i];
		if (from == NULL)
			continue;
		if (d->octave[i] == NULL) {
			d->octave[i] = alloc_resize(NULL, RANGES, sizeof *from);
			memset(d->octave[i], 0, RANGES * sizeof *from);
		}
		for (size_t range = 0; range < RANGES; range++)
			add(&d->octave[i][range], from[range].time * part, from[range].sum * part);
	}
}

struct distribution_range distribution_total(const struct distribution *d)
{
	struct distribution_range total = {0};
	for (size_t i = 0; i < OCTAVES; i++)
		for (size_t range = 0; d->octave[i] != NULL && range < RANGES; range++)
			add(&total, d->octave[i][range].time, d->octave[i][range].sum);
	return total;
}

double distribution_quantile(const struct distribution *d, double part)
{
	double left = distribution_total(d).time * part, value = 0;
	for (size_t i = 0; i < OCTAVES; i++)
		for (size_t range = 0; d->octave[i] != NULL && range < RANGES; range++) {
			const struct distribution_range *r = &d->octave[i][range];
			if (r->time <= 0)
				continue;
			value = r->sum / r->time;
			left -= r->time;
			if (left <= 0)
				return value;
		}
	return value;
}

void distribution_free(struct distribution *d)
{
	for (size_t i = 0; i < OCTAVES; i++)
		free(d->octave[i]);
	*d = (struct distribution){0};
}
