/* SPDX-License-Identifier: MIT */
/* The `#` lines about PSS and about shared memory. */
#include <inttypes.h>

#include "base/parse.h"
#include "peak/peak_internal.h"
#include "stream/tsv.h"

#define KIB_MAX (UINT64_MAX >> 20)

/* Parse VALUE, a number, and after a tab, the number AFTER unless that is NULL. */
static bool parse_kib(struct slice value, uint64_t *kib, uint64_t *after)
{
	struct slice first = tsv_take_field(&value);
	return parse_u64(first.p, first.n, KIB_MAX, kib) == NULL &&
	       (after == NULL || parse_u64(value.p, value.n, KIB_MAX, after) == NULL);
}

/* A selection of processes has no part in these lines. An invalid number is ignored. */
void peak_metrics_meta(struct peak *k, struct slice line)
{
	struct peak_metrics *e = &k->metrics;
	struct slice value;
	uint64_t kib, at_kib;
	if (k->options.filtered)
		return;
	if (tsv_is_meta(line, "#pss_bound_kib", &value) && parse_kib(value, &kib, NULL)) {
		peak_raise(&e->pss_bound_kib, kib);
		e->pss_bound_known = true;
	} else if (tsv_is_meta(line, "#shared_kib", &value) && parse_kib(value, &kib, &at_kib) &&
		   at_kib >= e->shared_at_kib) {
		e->shared_kib = kib;
		e->shared_at_kib = at_kib;
	}
}

/* Return the largest PSS that the tree can have had. A process that has grown after its last sample
 * may share nothing of that. */
static uint64_t pss_bound(const struct peak *k)
{
	const struct peak_metrics *e = &k->metrics;
	uint64_t bound = k->total.bound_kib;
	if (e->pss_bound_known) {
		bound = max_u64(e->pss_bound_kib, e->pss_kib);
		if (k->maxrss_kib > k->highest_mark_kib + k->highest_mark_kib / 64)
			bound = max_u64(bound, k->maxrss_kib + k->mark_error_kib);
		bound = min_u64(bound, k->total.bound_kib);
	}
	return max_u64(bound, e->pss_kib);
}

static void put_line(struct buf *out, const char *key, uint64_t value)
{
	buf_printf(out, "%s\t%" PRIu64 "\n", key, value);
}

void peak_metrics_put_lines(const struct peak *k, struct buf *out)
{
	const struct peak_metrics *e = &k->metrics;
	if (e->shared_at_kib > 0) {
		put_line(out, "#shared_kib", e->shared_kib);
		put_line(out, "#shared_at_rss_kib", e->shared_at_kib);
	}
	if (!metrics_has(k->options.metrics->seen, METRIC_PSS))
		return;
	put_line(out, "#pss_reads", e->pss_reads);
	if (e->pss_reads > 0) {
		put_line(out, "#pss_at_rss_kib", e->at_rss_kib);
		put_line(out, "#pss_bound_kib", pss_bound(k));
	}
}
