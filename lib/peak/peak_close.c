/* Facts that are known only at the end of the input. */
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

/*
 * Take `#maxrss_kib` into account, the exact peak of the largest process that was waited for. If it
 * is well above every mark that was read, a process grew after its last sample. The kernel's mark
 * may be off by some pages, so 1/64 is no sign of growth.
 */
static void close_with_maxrss(struct peak *k)
{
	uint64_t max = k->maxrss_kib;
	if (max == 0)
		return;
	peak_raise(&k->total.bound_kib, max + k->mark_error_kib);
	if (max > k->highest_mark_kib + k->highest_mark_kib / 64)
		peak_raise(&k->total.bound_kib, k->exit_bound_kib + max + k->mark_error_kib);
	if (!k->total.known || max > k->total.rss_kib)
		set_total_to_maxrss(k, max);
}

void peak_close(struct peak *k)
{
	peak_end_stream(k);
	close_with_maxrss(k);
	peak_metrics_close(k);
}
