/* When to read PSS. */
#include "sample/pss_schedule.h"

#define RISE 64		      /* a new peak is above the one before by this share at least */
#define STILL 4096	      /* what grows by less than this share from tick to tick rests */
#define SETTLED_NS 20000000LL /* since the growth: it has ended */
#define REST_NS 3000000000LL  /* between two readings at rest */
/* While memory grows, a doubling since the last peak is worth a reading that takes this
 * part of what there is, and less growth accordingly. */
#define DOUBLING 16
#define PROCESS_NS 50000.0     /* what is assumed of the cost before the first reading; */
#define KIB_NS 10.0	       /* 4 KiB pages, one by one */
#define LEAST_KIB_NS 1.0       /* huge pages cost less, but need not stay huge */
#define TELLING_KIB (16 << 10) /* a process below tells nothing of the cost of a page */

static int64_t expected_ns(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	return (int64_t)((double)t->processes * p->process_ns + (double)t->total_kib * p->kib_ns);
}

/* By which share the total is above the largest that PSS was read of. */
static double rise(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	return ((double)t->total_kib - (double)p->peak_kib) / (double)(p->peak_kib + 1);
}

/*
 * A new peak. While memory goes on growing it is likely to be surpassed, so that most
 * of what there is is kept for where the growth ends, and the savings for a doubling.
 */
static int is_worth(
    const struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost, int64_t left, int64_t saved)
{
	double up = rise(p, t), weight = (double)cost * DOUBLING;
	if (up <= 1.0 / RISE)
		return 0;
	if (t->now_ns - p->grown_ns >= SETTLED_NS)
		return 1;
	return weight <= (double)left * up || (up >= 1 && weight <= (double)saved * up);
}

/* At rest: it is some time ago, and much came or went since. */
static int is_old(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	uint64_t moved =
	    t->total_kib > p->last_kib ? t->total_kib - p->last_kib : p->last_kib - t->total_kib;
	return t->now_ns - p->last_ns >= REST_NS && moved > p->last_kib / RISE;
}

int pss_schedule_is_due(struct pss_schedule *p, const struct budget *pace, const struct pss_schedule_tick *t)
{
	if (p->process_ns == 0) {
		p->process_ns = PROCESS_NS;
		p->kib_ns = KIB_NS;
	}
	if (t->total_kib > p->tick_kib + p->tick_kib / STILL)
		p->grown_ns = t->now_ns;
	p->tick_kib = t->total_kib;
	int64_t cost = expected_ns(p, t);
	int64_t left = budget_left_ns(pace, t->now_ns), saved = budget_saved_ns(pace, t->now_ns);
	if (cost > left && cost > saved)
		return 0;
	return is_old(p, t) || is_worth(p, t, cost, left, saved);
}

void pss_schedule_read(struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost_ns)
{
	double n = (double)t->processes, kib = (double)t->total_kib;
	if (kib < n * TELLING_KIB)
		p->process_ns = (double)cost_ns / n;
	else
		p->kib_ns = ((double)cost_ns - n * p->process_ns) / kib;
	if (p->kib_ns < LEAST_KIB_NS)
		p->kib_ns = LEAST_KIB_NS;
	p->last_ns = t->now_ns;
	p->last_kib = t->total_kib;
	if (t->total_kib > p->peak_kib)
		p->peak_kib = t->total_kib;
}
