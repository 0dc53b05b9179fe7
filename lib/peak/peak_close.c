/* SPDX-License-Identifier: MIT */
/* Facts that are known only at the end of the input. */
#include "base/parse.h"
#include "peak/peak_bound.h"
#include "peak/peak_internal.h"
#include "stream/tsv.h"

/* Return whether KIB is the peak of R at its known time, since the kernel's counters differ by as
 * much. */
static bool is_peak(const struct peak *k, const struct peak_row *r, uint64_t kib)
{
	return r->known && kib <= r->rss_kib + max_u64(r->rss_kib / 64, k->mark_error_kib);
}

/* Raise R, the row of the command or of its group, to KIB, which the command held at an unknown
 * time. */
static void raise_row(const struct peak *k, struct peak_row *r, uint64_t kib)
{
	bool timed = is_peak(k, r, kib);
	peak_raise(&r->bound_kib, kib + k->mark_error_kib);
	if (r->known && kib <= r->rss_kib)
		return;
	if (timed && r->at_peak_kib == r->rss_kib)
		r->at_peak_kib = kib;
	r->rss_kib = kib;
	if (timed)
		return;
	r->time_us = PEAK_TIME_UNKNOWN;
	r->procs = 1;
	r->known = true;
	if (r->vsz_kib < kib)
		r->vsz_kib = 0; /* read before the process had grown: unknown */
}

void peak_note_command(struct peak *k, struct slice value)
{
	struct slice first = tsv_take_field(&value);
	uint64_t kib;
	pid_t pid;
	if (parse_u64(first.p, first.n, UINT64_MAX / 2, &kib) != NULL ||
	    parse_pid(value.p, value.n, &pid) != NULL)
		return;
	peak_raise(&k->maxrss_kib, kib);
	uint32_t i = pidmap_get(&k->live, pid);
	if (i == PIDMAP_NONE || k->process[i].row.ticks == 0)
		return;
	raise_row(k, &k->process[i].row, kib);
	raise_row(k, &k->group[k->process[i].group].row, kib);
	if (kib <= k->command_maxrss_kib)
		return;
	k->command_maxrss_kib = kib;
	k->command = pid;
}

void peak_note_maxrss(struct peak *k, struct slice line)
{
	struct slice value;
	uint64_t kib = 0, *to = NULL;
	if (tsv_is_meta(line, "#maxrss_kib", &value))
		to = &k->maxrss_kib;
	else if (tsv_is_meta(line, "#maxrss_bound_kib", &value))
		to = &k->maxrss_bound_kib;
	if (to != NULL && parse_u64(value.p, value.n, UINT64_MAX / 2, &kib) == NULL)
		peak_raise(to, kib);
}

static void set_holding(struct peak *k, struct peak_row *row)
{
	row->at_peak_kib = k->total.rss_kib;
	row->at_peak_number = k->peaks;
	if (!k->others_unknown)
		peak_raise(&row->bound_kib, k->total.bound_kib);
}

/* The command held the peak of the tree: note that in its row and in that of its group. */
static void set_holdings(struct peak *k, struct peak_process *p)
{
	set_holding(k, &p->row);
	set_holding(k, &k->group[p->group].row);
}

/* MAX is more than any tick proves: it is the peak, of one process. */
static void set_total_to_maxrss(struct peak *k, uint64_t max)
{
	struct peak_row *t = &k->total;
	bool timed = is_peak(k, t, max);
	t->rss_kib = t->at_peak_kib = max;
	if (timed)
		return;
	t->time_us = PEAK_TIME_UNKNOWN;
	t->procs = 1;
	t->known = true;
	t->at_peak_number = ++k->peaks; /* no other row has a holding at this peak */
	if (t->vsz_kib < max)
		t->vsz_kib = 0;
	k->others_unknown = k->processes + k->evicted != 1 || max != k->command_maxrss_kib;
	for (size_t i = 0; i < k->processes && max == k->command_maxrss_kib; i++)
		if (k->process[i].pid == k->command && k->process[i].row.rss_kib == max)
			set_holdings(k, &k->process[i]);
}

void peak_close(struct peak *k)
{
	uint64_t max = k->maxrss_kib;
	peak_end_stream(k);
	peak_bound_add_maxrss(k);
	if (max > 0 && (!k->total.known || max > k->total.rss_kib))
		set_total_to_maxrss(k, max);
	if (!k->total.known && k->maxrss_bound_kib > 0) {
		k->total.bound_kib = k->maxrss_bound_kib;
		k->total.bound_known = true;
	}
	peak_metrics_close(k);
}
