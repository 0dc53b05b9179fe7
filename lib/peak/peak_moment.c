/* SPDX-License-Identifier: MIT */
/* Facts that one tick proves about the memory that was held at one moment. */
#include "peak/peak_moment.h"

#include "peak/peak_internal.h"

static void keep_larger(struct peak_rise *r, uint64_t kib, uint32_t process, bool counted_before)
{
	if (kib > r->kib)
		*r = (struct peak_rise){kib, process, counted_before};
}

void peak_moment_add(
    struct peak_sums *s, const struct peak_sample *sample, const struct mark *m, bool continued)
{
	uint64_t held_kib = continued ? m->held_kib : 0;
	s->procs++;
	s->known += sample->rss_known;
	s->rss_kib += sample->rss_kib;
	s->vsz_kib += sample->vsz_kib;
	s->marks_kib += m->kib;
	s->bound_kib += continued ? max_u64(m->kib, m->previous_kib) : m->kib;
	s->held_kib += held_kib;
	if (continued) {
		s->continued++;
		s->continued_kib += m->previous_kib;
	}
	if (!m->risen)
		return;
	if (m->age == MARK_DATED)
		keep_larger(&s->rise, m->kib - held_kib, m->process, continued);
	if (m->age == MARK_UNDATED) {
		keep_larger(&s->undated, m->kib, m->process, continued);
		s->undated_growth_kib += m->kib - min_u64(m->kib, m->previous_kib);
	}
}

struct moment peak_moment_of(const struct peak_sums *s)
{
	uint64_t between_kib = s->rise.kib > 0 ? s->held_kib + s->rise.kib : 0;
	if (max_u64(between_kib, s->undated.kib) <= s->rss_kib)
		return (struct moment){MOMENT_AT_TICK, s->rss_kib, s->procs, 0};
	if (s->undated.kib > between_kib)
		return (struct moment){MOMENT_ALONE, s->undated.kib, 1, s->undated.process};
	unsigned procs = s->continued + !s->rise.counted_before;
	return (struct moment){MOMENT_BETWEEN_TICKS, between_kib, procs, s->rise.process};
}

static uint64_t holding(const struct moment *m, const struct peak_process *p, uint32_t process)
{
	if (m->kind == MOMENT_AT_TICK)
		return p->rss_kib;
	if (process == m->process)
		return p->mark_kib;
	return m->kind == MOMENT_BETWEEN_TICKS ? p->held_kib : 0;
}

void peak_moment_set_holdings(struct peak *k, const struct moment *m)
{
	k->total.at_peak_kib = m->kib;
	k->total.at_peak_number = ++k->peaks;
	k->others_unknown = m->kind == MOMENT_ALONE;
	for (size_t i = 0; i < k->present.n; i++) {
		struct peak_process *p = &k->process[k->present.v[i]];
		struct peak_row *group = &k->group[p->group].row;
		uint64_t kib = holding(m, p, k->present.v[i]);
		p->row.at_peak_kib = kib;
		p->row.at_peak_number = k->peaks;
		group->at_peak_kib =
		    group->at_peak_number == k->peaks ? group->at_peak_kib + kib : kib;
		group->at_peak_number = k->peaks;
	}
}
