/* SPDX-License-Identifier: MIT */
/* The RSS of the tree over time. */
#include "peak/over_time.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"

#define CHUNK_PART 32	  /* a chunk is at most this part of the time */
#define RESTING_FROM 0.75 /* of the time */

/* Drop the chunks that ended before the last quarter. */
static void drop_chunks(struct over_time *o)
{
	size_t n = 0;
	while (n < o->n && o->chunk[n].end_us <= o->sampled_us * RESTING_FROM) {
		distribution_add_part(&o->earlier, &o->chunk[n].rss, 1);
		distribution_free(&o->chunk[n++].rss);
	}
	o->n -= n;
	if (n > 0)
		memmove(o->chunk, o->chunk + n, o->n * sizeof *o->chunk);
}

/* Return the chunk for the time from o->sampled_us to END_US. */
static struct over_time_chunk *find_chunk(struct over_time *o, double end_us)
{
	struct over_time_chunk *last = o->n > 0 ? &o->chunk[o->n - 1] : NULL;
	if (last != NULL && end_us - last->start_us <= end_us / CHUNK_PART)
		return last;
	o->chunk = alloc_grow(o->chunk, &o->cap, o->n + 1, sizeof *o->chunk);
	last = &o->chunk[o->n++];
	*last = (struct over_time_chunk){.start_us = o->sampled_us};
	return last;
}

/* Count the RSS of the last tick until UNTIL_US. */
static void count_until(struct over_time *o, int64_t until_us)
{
	double us = (double)(until_us - o->start_us);
	if (us <= 0)
		return;
	double end_us = o->sampled_us + us;
	struct over_time_chunk *c = find_chunk(o, end_us);
	distribution_add(&c->rss, o->rss_kib, us);
	c->end_us = o->sampled_us = end_us;
	o->start_us = until_us;
	drop_chunks(o);
}

void over_time_add(struct over_time *o, int64_t time_us, uint64_t rss_kib)
{
	if (o->ticking)
		count_until(o, o->tick_us + (time_us - o->tick_us) / 2);
	else
		o->start_us = time_us;
	o->ticking = true;
	o->tick_us = time_us;
	o->rss_kib = rss_kib;
}

void over_time_end_stream(struct over_time *o, int64_t end_us)
{
	if (o->ticking)
		count_until(o, max_i64(o->tick_us, end_us));
	o->ticking = false;
}

bool over_time_figures(const struct over_time *o, struct over_time_figures *f)
{
	struct distribution all = {0}, resting = {0};
	double from_us = o->sampled_us * RESTING_FROM;
	distribution_add_part(&all, &o->earlier, 1);
	for (size_t i = 0; i < o->n; i++) {
		const struct over_time_chunk *c = &o->chunk[i];
		double before_us = c->start_us < from_us ? from_us - c->start_us : 0;
		distribution_add_part(&all, &c->rss, 1);
		distribution_add_part(
		    &resting, &c->rss, 1 - before_us / (c->end_us - c->start_us));
	}
	struct distribution_range total = distribution_total(&all);
	*f = (struct over_time_figures){
	    .mean_kib = total.time > 0 ? total.sum / total.time : 0,
	    .median_kib = distribution_quantile(&all, 0.5),
	    .p95_kib = distribution_quantile(&all, 0.95),
	    .resting_kib = distribution_quantile(&resting, 0.5),
	    .kib_us = total.sum,
	};
	distribution_free(&all);
	distribution_free(&resting);
	return total.time > 0;
}

void over_time_free(struct over_time *o)
{
	for (size_t i = 0; i < o->n; i++)
		distribution_free(&o->chunk[i].rss);
	distribution_free(&o->earlier);
	free(o->chunk);
}
