/* The CPU budget. */
#include "sample/budget.h"

#define SECOND_NS 1000000000LL

/* ---- gaps */

/* The shortest gap, while memory moves: a page fault of 4 KiB takes about 0.5 us, so at most 8 MiB
 * are touched in it. */
#define MOVING_GAP_NS 1000000LL

/* As the bucket empties, the gap grows up to 16 times as long: what is left is for what starts
 * without being asked for, as new processes and page faults do. */
#define EMPTY_BUCKET_GAP_FACTOR 15

/* The shortest gap at rest without events. A tick every 10 ms finds what is held that long. */
#define ADAPTIVE_REST_GAP_NS 10000000LL

/* At rest without events, this part of the budget is used to find out whether memory moves. */
#define ADAPTIVE_REST_SHARE 0.25

/* The gap at rest with events: ten intervals, but at most a second, since MAP_POPULATE and fork(2)
 * add memory without an event. */
#define EVENTS_REST_GAP_NS 1000000000LL
#define EVENTS_REST_INTERVALS 10

/* After a little growth that events reported, wait this long for more before the tick. */
#define GROWTH_GAP_NS (2 * MOVING_GAP_NS)

/* ---- growth that a tick is taken for at once: a share of the total, so that the peak is off by at
 * most this share; but at least 1 MiB, which is one event */
#define STEP_LEAST_KIB 1024
#define STEP_PART 128

/* A change of the total below this part of a step is not movement. */
#define MOVEMENT_PART 8

/* ---- the bucket: 0.7 seconds of the budget can be used at once, to follow a burst to its end, and
 * 0.3 are refilled each second, so that no second uses more than one second's budget */
#define BUCKET_NS 700000000LL
#define REFILL_RATE 0.3

/* Work other than ticks may use this part of the bucket. The rest is left to ticks. */
#define OTHER_WORK_PART 0.9

/* This part of the budget can be saved for work other than ticks. Ticks need the rest, if memory
 * moves all the time. */
#define SAVINGS_RATE 0.4

/* The average cost of a tick weighs the last one with 1/8. */
#define COST_AVERAGE 8

void budget_init(struct budget *b, enum budget_mode mode, int64_t interval_ns, double cpu_share)
{
	*b = (struct budget){.mode = mode, .interval_ns = interval_ns, .cpu_share = cpu_share};
	b->gap_ns = mode == BUDGET_FIXED ? interval_ns : MOVING_GAP_NS;
}

void budget_grow(struct budget *b, uint64_t kib)
{
	b->grown_kib += kib;
}

uint64_t budget_step_kib(const struct budget *b)
{
	uint64_t part = b->total_kib / STEP_PART;
	return part > STEP_LEAST_KIB ? part : STEP_LEAST_KIB;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Return the longest gap between ticks while nothing moves. */
static int64_t rest_gap_ns(const struct budget *b)
{
	int64_t interval = b->interval_ns;
	if (b->mode == BUDGET_EVENTS) {
		int64_t gap = smaller(interval * EVENTS_REST_INTERVALS, EVENTS_REST_GAP_NS);
		return interval > EVENTS_REST_GAP_NS ? interval : gap;
	}
	int64_t affordable =
	    (int64_t)((double)b->tick_cost_ns / (b->cpu_share * ADAPTIVE_REST_SHARE));
	return smaller(larger(affordable, ADAPTIVE_REST_GAP_NS), interval);
}

/* ---- the bucket */

/* Return when the bucket is full again for certain: a second after it was last used, or after as
 * many seconds as were used up. */
static int64_t full_ns(const struct budget *b)
{
	int64_t used_up = (int64_t)((double)b->spent_ns / b->cpu_share);
	return b->spent_at_ns + larger(used_up, SECOND_NS);
}

/* Return what is missing in the bucket at NOW_NS. */
static int64_t missing_ns(const struct budget *b, int64_t now_ns)
{
	int64_t refilled =
	    (int64_t)((double)(now_ns - b->spent_at_ns) * b->cpu_share * REFILL_RATE);
	return now_ns < full_ns(b) && b->spent_ns > refilled ? b->spent_ns - refilled : 0;
}

static void spend(struct budget *b, int64_t now_ns, int64_t cost_ns)
{
	b->spent_ns = missing_ns(b, now_ns) + cost_ns;
	b->spent_at_ns = now_ns;
}

int64_t budget_left_ns(const struct budget *b, int64_t now_ns)
{
	int64_t most = (int64_t)((double)BUCKET_NS * OTHER_WORK_PART * b->cpu_share);
	return larger(most - missing_ns(b, now_ns), 0);
}

int64_t budget_saved_ns(const struct budget *b, int64_t now_ns)
{
	int64_t saved =
	    (int64_t)((double)(now_ns - b->saving_from_ns) * SAVINGS_RATE * b->cpu_share);
	int64_t unused = (int64_t)((double)(now_ns - b->first_ns) * b->cpu_share) - b->used_ns;
	return smaller(saved, unused);
}

void budget_use(struct budget *b, int64_t now_ns, int64_t cost_ns)
{
	b->used_ns += cost_ns;
	if (cost_ns > budget_left_ns(b, now_ns))
		b->saving_from_ns = now_ns;
	else
		spend(b, now_ns, cost_ns);
}

int64_t budget_affordable_ns(const struct budget *b)
{
	int64_t bucket = (int64_t)((double)BUCKET_NS * b->cpu_share);
	int64_t over = b->spent_ns + b->tick_cost_ns - bucket;
	if (over <= 0)
		return b->last_ns;
	int64_t refilled = b->spent_at_ns + (int64_t)((double)over / (b->cpu_share * REFILL_RATE));
	return smaller(refilled, full_ns(b));
}

/* ---- ticks */

int64_t budget_due_ns(const struct budget *b)
{
	int64_t gap = b->gap_ns;
	if (b->last_ns == 0)
		return 0;
	if (b->grown_kib >= budget_step_kib(b))
		gap = 0;
	else if (b->grown_kib > 0)
		gap = smaller(gap, GROWTH_GAP_NS);
	if (b->mode == BUDGET_FIXED)
		return b->last_ns + gap;
	return larger(b->last_ns + gap, budget_affordable_ns(b));
}

static bool is_movement(const struct budget *b, uint64_t total_kib)
{
	uint64_t change =
	    total_kib > b->total_kib ? total_kib - b->total_kib : b->total_kib - total_kib;
	return change > budget_step_kib(b) / MOVEMENT_PART;
}

/* Return the gap while memory moves: the longer, the emptier the bucket is. */
static int64_t moving_gap_ns(const struct budget *b)
{
	double used = (double)b->spent_ns / ((double)BUCKET_NS * b->cpu_share);
	double factor = 1 + EMPTY_BUCKET_GAP_FACTOR * (used < 1 ? used : 1);
	return (int64_t)((double)MOVING_GAP_NS * factor);
}

/* Stay on the grid of the first tick. Ticks that were missed are not made up for. */
static void add_fixed_tick(struct budget *b, int64_t now_ns)
{
	int64_t since = b->last_ns == 0 ? 0 : now_ns - b->last_ns;
	b->last_ns = now_ns - since % b->interval_ns;
}

void budget_add_tick(
    struct budget *b, int64_t now_ns, int64_t cost_ns, uint64_t total_kib, bool moved)
{
	if (b->first_ns == 0)
		b->first_ns = b->saving_from_ns = now_ns;
	b->used_ns += cost_ns;
	if (b->mode == BUDGET_FIXED) {
		add_fixed_tick(b, now_ns);
		return;
	}
	moved = moved || is_movement(b, total_kib) || b->grown_kib > 0;
	spend(b, now_ns, cost_ns);
	int64_t rest = rest_gap_ns(b);
	b->gap_ns = smaller(moved ? moving_gap_ns(b) : b->gap_ns * 2, rest);
	b->tick_cost_ns = b->tick_cost_ns == 0
			      ? cost_ns
			      : (b->tick_cost_ns * (COST_AVERAGE - 1) + cost_ns) / COST_AVERAGE;
	b->last_ns = now_ns;
	b->total_kib = total_kib;
	b->grown_kib = 0;
}
