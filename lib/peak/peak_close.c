/* Facts that are known only at the end of the input. */
#include "peak/peak_bound.h"
#include "peak/peak_internal.h"

/* Set R, the only process or its group, to the peak of the tree, which it was. */
static void copy_total(const struct peak *k, struct peak_row *r)
{
	const struct peak_row *t = &k->total;
	r->rss_kib = r->at_peak_kib = t->rss_kib;
	peak_raise(&r->bound_kib, t->bound_kib);
	r->time_us = t->time_us;
	r->at_peak_number = t->at_peak_number;
	r->procs = 1;
	r->known = true;
	r->vsz_kib = t->vsz_kib;
}

/* MAX is more than any tick proves: it is the peak, of one process. */
static void set_total_to_maxrss(struct peak *k, uint64_t max)
{
	struct peak_row *t = &k->total;
	t->rss_kib = t->at_peak_kib = max;
	t->time_us = t->last_us;
	t->procs = 1;
	t->known = true;
	t->at_peak_number = ++k->peaks; /* no other row has a holding at this peak */
	if (t->vsz_kib < max)
		t->vsz_kib = 0; /* read before the process had grown: unknown */
	k->others_unknown = k->processes + k->evicted != 1;
	if (k->others_unknown) {
		t->time_us = PEAK_TIME_UNKNOWN;
		return;
	}
	copy_total(k, &k->process[0].row);
	copy_total(k, &k->group[k->process[0].group].row);
}

void peak_close(struct peak *k)
{
	uint64_t max = k->maxrss_kib;
	peak_end_stream(k);
	peak_bound_add_maxrss(k);
	if (max > 0 && (!k->total.known || max > k->total.rss_kib))
		set_total_to_maxrss(k, max);
	peak_metrics_close(k);
}
