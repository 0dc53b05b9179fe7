/* SPDX-License-Identifier: MIT */
/* When to read PSS. */
#include "sample/pss_schedule.h"

#include "base/minmax.h"

/* Growth below this part, since the total last grew, is not growth: some pages always come and go.
 * Slow growth ends all the time. */
#define GROWTH_PART 256

/* Growth has ended if there was none for this long. A shorter time takes a pause between two
 * allocations for the end; a longer one leaves less of a peak that is held briefly. While memory
 * settles and the budget allows it, ticks are up to 4 ms apart, so at least two have found no
 * growth. */
#define GROWTH_ENDED_NS 8000000LL

/* Ticks that are taken for PSS are this far apart: the next one after the last growth is after
 * GROWTH_ENDED_NS, and a peak that is held for 100 ms has time left to be read. They use at most
 * this part of the budget of PSS. A larger part finds the end of growth sooner; a smaller one
 * leaves more for the reads themselves. */
#define TICK_GAP_NS 10000000LL
#define TICKS_PART 0.5

/* At rest, PSS is read at most this often: it changes without the RSS when sharers come and go. */
#define REST_GAP_NS 3000000000LL

/* While memory grows, doubling the last peak is worth a quarter of what is left in the bucket, and
 * less growth is worth less. The rest is for the end of the growth. */
#define DOUBLING_PART 4

/* Without growth, a rise by this part is worth all that is left. A smaller one is worth less: a
 * rise by a 64th is read if the bucket has four times what it costs. Many small rises then leave
 * enough for a large one. */
#define FULL_RISE_PART 16

/* A read that was not asked for may delay the next tick by this. A longer time would show what
 * large trees share; a shorter one hides less growth meanwhile. It is half of the default interval,
 * and enough for almost 5 GiB at KIB_COST_NS. */
#define ASIDE_MOST_NS 50000000LL

/* The costs assumed before the first read: opening and formatting smaps_rollup, and visiting
 * pages of 4 KiB one by one. Huge pages cost less, but can be split, so a measured cost is not
 * used below the least one. */
#define PROCESS_COST_NS 50000.0
#define KIB_COST_NS 10.0
#define KIB_COST_LEAST_NS 1.0

/* With less memory in each process than this, the time per process hides the time per page. */
#define MEASURABLE_PROCESS_KIB (16 << 10)

void pss_schedule_init(struct pss_schedule *p, double cpu_share)
{
	*p = (struct pss_schedule){
	    .bucket = {.cpu_share = cpu_share},
	    .due_ns = INT64_MAX,
	    .process_cost_ns = PROCESS_COST_NS,
	    .kib_cost_ns = KIB_COST_NS,
	};
}

/* ---- the budget */

void pss_schedule_spend(struct pss_schedule *p, int64_t now_ns, int64_t cost_ns)
{
	bucket_spend(&p->bucket, now_ns, cost_ns);
}

/* Return when so much is in the bucket. A read that costs more is taken when it is full. */
static int64_t available_ns(const struct pss_schedule *p, int64_t now_ns, int64_t cost_ns)
{
	int64_t size_ns = bucket_size_ns(&p->bucket);
	int64_t lacking =
	    bucket_missing_ns(&p->bucket, now_ns) + min_i64(cost_ns, size_ns) - size_ns;
	return lacking <= 0 ? now_ns : now_ns + (int64_t)((double)lacking / p->bucket.cpu_share);
}

/* ---- the peak */

/* Return by which part PSS can be above its peak; 1: it can have doubled. */
static double rise(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	return ((double)t->most_kib - (double)p->peak_kib) / (double)(p->peak_kib + 1);
}

static bool is_new_peak(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	return rise(p, t) > 1.0 / PSS_NEW_PEAK_PART;
}

/* Return whether the last values are old: some time has passed, and the total is another. */
static bool is_old(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	uint64_t moved =
	    t->total_kib > p->last_kib ? t->total_kib - p->last_kib : p->last_kib - t->total_kib;
	return t->now_ns - p->last_ns >= REST_GAP_NS && moved > p->last_kib / PSS_NEW_PEAK_PART;
}

static void note_growth(struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	if (t->total_kib > p->grown_kib + p->grown_kib / GROWTH_PART) {
		p->grown_ns = t->now_ns;
		p->grown_kib = t->total_kib;
	}
	p->grown_kib = min_u64(p->grown_kib, t->total_kib);
}

bool pss_schedule_wants(struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	note_growth(p, t);
	p->due_ns = INT64_MAX;
	return is_new_peak(p, t) || (!t->aside && is_old(p, t));
}

/* Return what must be in the bucket for a read that costs so much. */
static int64_t needed_ns(
    const struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost_ns)
{
	bool growing = t->now_ns - p->grown_ns < GROWTH_ENDED_NS;
	double worth = growing ? rise(p, t) / DOUBLING_PART : rise(p, t) * FULL_RISE_PART;
	double most = growing && p->peak_kib > 0 ? 1.0 / DOUBLING_PART : 1;
	if (worth <= 1.0 / PSS_NEW_PEAK_PART / DOUBLING_PART)
		worth = 1.0 / DOUBLING_PART; /* the values are old */
	return (int64_t)((double)cost_ns / (worth < most ? worth : most));
}

bool pss_schedule_is_due(struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	int64_t cost_ns = (int64_t)((double)t->processes * p->process_cost_ns +
				    (double)t->rss_kib * p->kib_cost_ns);
	bool growing = t->now_ns - p->grown_ns < GROWTH_ENDED_NS;
	int64_t needed = needed_ns(p, t, cost_ns);
	/* More than the bucket holds is allowed at the end of growth only. */
	bool first = p->peak_kib == 0 && !t->aside;
	bool allowed = !growing || first || needed <= bucket_size_ns(&p->bucket);
	int64_t at_ns = available_ns(p, t->now_ns, needed);
	if (t->aside && cost_ns > ASIDE_MOST_NS)
		return false;
	if (allowed && at_ns <= t->now_ns)
		return true;
	if (is_new_peak(p, t)) {
		int64_t gap =
		    (int64_t)((double)t->tick_cost_ns / (p->bucket.cpu_share * TICKS_PART));
		int64_t next_ns = t->now_ns + max_i64(gap, TICK_GAP_NS);
		p->due_ns = growing ? next_ns : max_i64(next_ns, at_ns);
	}
	return false;
}

int64_t pss_schedule_due_ns(const struct pss_schedule *p)
{
	return p->due_ns;
}

void pss_schedule_add(struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost_ns)
{
	double n = (double)(t->processes > 0 ? t->processes : 1), kib = (double)t->rss_kib;
	if (kib < n * MEASURABLE_PROCESS_KIB)
		p->process_cost_ns = (double)cost_ns / n;
	else
		p->kib_cost_ns = ((double)cost_ns - n * p->process_cost_ns) / kib;
	if (p->kib_cost_ns < KIB_COST_LEAST_NS)
		p->kib_cost_ns = KIB_COST_LEAST_NS;
	p->last_ns = t->now_ns;
	p->last_kib = t->total_kib;
	p->peak_kib = max_u64(p->peak_kib, t->most_kib);
}
