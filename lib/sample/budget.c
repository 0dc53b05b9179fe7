/* When to read next. */
#include "sample/budget.h"

#define LEAST_GAP_NS 1000000LL	 /* between readings while memory moves */
#define SPARING 15		 /* times as long besides, as the budget comes to its end */
#define WATCH_GAP_NS 10000000LL	 /* at rest, when nobody tells */
#define REST_GAP_NS 1000000000LL /* at rest, when somebody does */
#define SECOND_NS 1000000000LL
#define LEAST_STEP_KIB 1024
#define STEP_SHARE 128
/* Most of a second's budget can be used at once and the rest comes in evenly, so
 * that no second gets more than its own, and a burst is followed to its end. */
#define BURST_NS 700000000LL
#define REFILL 0.3
#define ROOM 0.9  /* the part of a burst that something beside the readings may use too */
#define SAVED 0.4 /* what may be saved for it of what readings leave over */

void budget_init(struct budget *p, enum budget_mode mode, int64_t interval_ns, double budget)
{
	*p = (struct budget){.mode = mode, .interval_ns = interval_ns, .budget = budget};
	p->gap_ns = mode == BUDGET_FIXED ? interval_ns : LEAST_GAP_NS;
}

void budget_grown(struct budget *p, uint64_t kib)
{
	p->grown_kib += kib;
}

uint64_t budget_step_kib(const struct budget *p)
{
	uint64_t share = p->total_kib / STEP_SHARE;
	return share > LEAST_STEP_KIB ? share : LEAST_STEP_KIB;
}

/* The longest gap between readings while nothing moves. */
static int64_t rest_gap_ns(const struct budget *p)
{
	int64_t gap = p->interval_ns;
	if (p->mode == BUDGET_WOKEN)
		return gap > REST_GAP_NS ? gap : gap * 10 < REST_GAP_NS ? gap * 10 : REST_GAP_NS;
	/* A quarter of the budget goes into looking whether anything moves. */
	int64_t affordable = (int64_t)((double)p->cost_ns / (p->budget / 4));
	if (affordable < WATCH_GAP_NS)
		affordable = WATCH_GAP_NS;
	return affordable < gap ? affordable : gap;
}

/* When all starts anew: after a second without a reading, or as many seconds as
 * those before it have used up. */
static int64_t anew_ns(const struct budget *p)
{
	int64_t used_up = (int64_t)((double)p->spent_ns / p->budget);
	return p->paid_ns + (used_up > SECOND_NS ? used_up : SECOND_NS);
}

/* Of the budget, what is not yet paid back at NOW_NS. */
static int64_t owed_ns(const struct budget *p, int64_t now_ns)
{
	int64_t back = (int64_t)((double)(now_ns - p->paid_ns) * p->budget * REFILL);
	return now_ns < anew_ns(p) && p->spent_ns > back ? p->spent_ns - back : 0;
}

int64_t budget_left_ns(const struct budget *p, int64_t now_ns)
{
	int64_t left = (int64_t)((double)BURST_NS * ROOM * p->budget) - owed_ns(p, now_ns);
	return left > 0 ? left : 0;
}

int64_t budget_saved_ns(const struct budget *p, int64_t now_ns)
{
	int64_t saved = (int64_t)((double)(now_ns - p->saved_ns) * SAVED * p->budget);
	int64_t whole = (int64_t)((double)(now_ns - p->first_ns) * p->budget) - p->used_ns;
	return saved < whole ? saved : whole;
}

void budget_use(struct budget *p, int64_t now_ns, int64_t cost_ns)
{
	p->used_ns += cost_ns;
	if (cost_ns > budget_left_ns(p, now_ns)) {
		p->saved_ns = now_ns;
		return;
	}
	p->spent_ns = owed_ns(p, now_ns) + cost_ns;
	p->paid_ns = now_ns;
}

/* When as much was paid back that another reading stays inside the budget. */
int64_t budget_affordable_ns(const struct budget *p)
{
	int64_t allowed = (int64_t)((double)BURST_NS * p->budget);
	int64_t over = p->spent_ns + p->cost_ns - allowed;
	if (over <= 0)
		return p->last_ns;
	int64_t refilled = p->paid_ns + (int64_t)((double)over / (p->budget * REFILL));
	return refilled < anew_ns(p) ? refilled : anew_ns(p);
}

int64_t budget_due_ns(const struct budget *p)
{
	if (p->last_ns == 0)
		return 0;
	int64_t gap = p->grown_kib >= budget_step_kib(p)			 ? 0
		      : p->grown_kib > 0 && p->gap_ns > 2 * LEAST_GAP_NS ? 2 * LEAST_GAP_NS
									 : p->gap_ns;
	int64_t due = p->last_ns + gap;
	if (p->mode == BUDGET_FIXED)
		return due;
	int64_t affordable = budget_affordable_ns(p);
	return due > affordable ? due : affordable;
}

static int is_move(const struct budget *p, uint64_t total_kib)
{
	uint64_t change =
	    total_kib > p->total_kib ? total_kib - p->total_kib : p->total_kib - total_kib;
	return change > budget_step_kib(p) / 8;
}

void budget_read(struct budget *p, int64_t now_ns, int64_t cost_ns, uint64_t total_kib, int moved)
{
	if (p->first_ns == 0)
		p->first_ns = p->saved_ns = now_ns;
	p->used_ns += cost_ns;
	if (p->mode == BUDGET_FIXED) {
		/* On the grid of the first; what was missed is not made up for. */
		int64_t since = p->last_ns == 0 ? 0 : now_ns - p->last_ns;
		p->last_ns = now_ns - since % p->interval_ns;
		return;
	}
	moved |= is_move(p, total_kib) || p->grown_kib > 0;
	p->spent_ns = owed_ns(p, now_ns) + cost_ns;
	p->paid_ns = now_ns;
	/* What tells of itself, as births and faults do, shall find something left. */
	double spent = (double)p->spent_ns / ((double)BURST_NS * p->budget);
	int64_t rest = rest_gap_ns(p);
	int64_t least = (int64_t)((double)LEAST_GAP_NS * (1 + SPARING * (spent < 1 ? spent : 1)));
	least = least < rest ? least : rest;
	p->gap_ns = moved ? least : p->gap_ns * 2 < rest ? p->gap_ns * 2 : rest;
	p->cost_ns = p->cost_ns == 0 ? cost_ns : (p->cost_ns * 7 + cost_ns) / 8;
	p->last_ns = now_ns;
	p->total_kib = total_kib;
	p->grown_kib = 0;
}
