/* When to read PSS. */
#include "sample/pss_schedule.h"

/* A total is a new peak if it is higher by this part: each read of PSS then shows a difference that
 * the report shows. */
#define NEW_PEAK_PART 64

/* Growth from tick to tick below this part is not growth: a few pages always come and go. */
#define GROWTH_PART 4096

/* Growth has ended if there was none for this long. Allocating in steps, as a program that reads a
 * file does, leaves shorter gaps. */
#define GROWTH_ENDED_NS 20000000LL

/* At rest, PSS is read at most this often: it changes without the RSS when sharers come and go. */
#define REST_GAP_NS 3000000000LL

/* While memory grows, a read must be worth it: doubling the last peak is worth a sixteenth of the
 * budget that is left, and less growth is worth less. The rest is for the end of the growth. */
#define DOUBLING_PART 16

/* The costs assumed before the first read: opening and formatting smaps_rollup, and visiting
 * pages of 4 KiB one by one. Huge pages cost less, but can be split, so a measured cost is not
 * used below the least one. */
#define PROCESS_COST_NS 50000.0
#define KIB_COST_NS 10.0
#define KIB_COST_LEAST_NS 1.0

/* With less memory in each process than this, the time per process hides the time per page. */
#define MEASURABLE_PROCESS_KIB (16 << 10)

static int64_t expected_cost_ns(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	return (int64_t)((double)t->processes * p->process_cost_ns +
			 (double)t->total_kib * p->kib_cost_ns);
}

/* Return by which part the total is above the peak; 1: it has doubled. */
static double rise(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	return ((double)t->total_kib - (double)p->peak_kib) / (double)(p->peak_kib + 1);
}

/*
 * Return whether the total is a new peak that is worth COST of the budget: of the LEFT, or of the
 * SAVED for a doubling. A total that still grows is likely to be exceeded soon.
 */
static bool is_worth(const struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost,
    int64_t left, int64_t saved)
{
	double up = rise(p, t), weight = (double)cost * DOUBLING_PART;
	if (up <= 1.0 / NEW_PEAK_PART)
		return false;
	if (t->now_ns - p->grown_ns >= GROWTH_ENDED_NS)
		return true;
	return weight <= (double)left * up || (up >= 1 && weight <= (double)saved * up);
}

/* Return whether the last values are old: some time has passed, and the total is another. */
static bool is_old(const struct pss_schedule *p, const struct pss_schedule_tick *t)
{
	uint64_t moved =
	    t->total_kib > p->last_kib ? t->total_kib - p->last_kib : p->last_kib - t->total_kib;
	return t->now_ns - p->last_ns >= REST_GAP_NS && moved > p->last_kib / NEW_PEAK_PART;
}

bool pss_schedule_is_due(
    struct pss_schedule *p, const struct budget *budget, const struct pss_schedule_tick *t)
{
	if (p->process_cost_ns == 0) {
		p->process_cost_ns = PROCESS_COST_NS;
		p->kib_cost_ns = KIB_COST_NS;
	}
	if (t->total_kib > p->tick_kib + p->tick_kib / GROWTH_PART)
		p->grown_ns = t->now_ns;
	p->tick_kib = t->total_kib;
	int64_t cost = expected_cost_ns(p, t);
	int64_t left = budget_left_ns(budget, t->now_ns);
	int64_t saved = budget_saved_ns(budget, t->now_ns);
	if (cost > left && cost > saved)
		return false;
	return is_old(p, t) || is_worth(p, t, cost, left, saved);
}

void pss_schedule_add(struct pss_schedule *p, const struct pss_schedule_tick *t, int64_t cost_ns)
{
	double n = (double)t->processes, kib = (double)t->total_kib;
	if (kib < n * MEASURABLE_PROCESS_KIB)
		p->process_cost_ns = (double)cost_ns / n;
	else
		p->kib_cost_ns = ((double)cost_ns - n * p->process_cost_ns) / kib;
	if (p->kib_cost_ns < KIB_COST_LEAST_NS)
		p->kib_cost_ns = KIB_COST_LEAST_NS;
	p->last_ns = t->now_ns;
	p->last_kib = t->total_kib;
	if (t->total_kib > p->peak_kib)
		p->peak_kib = t->total_kib;
}
