/* SPDX-License-Identifier: MIT */
/* The CPU budget. */
#include "sample/budget.h"

#include "base/minmax.h"

/* ---- gaps */

/* The shortest gap, while memory moves: a page fault of 4 KiB takes about 0.5 us, so at most 8 MiB
 * are touched in it. */
#define MOVING_GAP_NS 1000000LL

/* Memory that has not moved for this long rests. Until then, the gap is at most SETTLING_GAP_NS if
 * the budget allows it. A longer gap uses less of the budget in a pause between two allocations; a
 * shorter one finds the next allocation sooner. In 4 ms at most 32 MiB are touched. */
#define REST_AFTER_NS 30000000LL
#define SETTLING_GAP_NS 4000000LL

/* The shortest gap at rest without events, or after a sign. A tick every 10 ms finds what is held
 * that long. */
#define REST_GAP_LEAST_NS 10000000LL

/* This part of the budget is used at rest: without events to find out whether memory moves, or for
 * ticks that are taken for signs. A larger part finds movement sooner; a smaller one refills the
 * bucket sooner for the next burst. */
#define REST_SHARE 0.25

/* The longest gap at rest with events, unless the interval is longer. A shorter gap uses the budget
 * where events show growth anyway; a longer one finds later that memory was given back or grew
 * without a sign. A tick of 250 us each second is 0.025 % of one CPU. */
#define EVENTS_REST_GAP_NS 1000000000LL

/* After a strong sign that finds no movement, ticks go on for so long: growth often begins with a
 * few pages. */
#define DOUBT_NS 10000000LL

/* Growth that matters: a share of the total, but at least 1 MiB. A smaller share misses less of a
 * peak; a larger one is exceeded less often by what other programs allocate. This one is 0.8 %. */
#define STEP_LEAST_KIB 1024
#define STEP_PART 128

/* A change of the total below this part of a step is not movement. A larger change would let slow
 * growth rest; with a smaller one, pages that come and go in a loop would use up the budget. An
 * eighth of the least step is 32 pages of 4 KiB. */
#define MOVEMENT_PART 8

/* ---- the bucket, with which a burst can be followed closely. Over ten seconds, ticks use at most
 * 1.2 times the budget. */

/* Work other than ticks, such as opening events, may use this part of the bucket. The rest is left
 * to the ticks of growth that begins meanwhile: 16 of 250 us, with a budget of 2 %. */
#define OTHER_WORK_PART 0.9

/* The average cost of a tick weighs the last one with 1/8. With more weight, one tick that opens
 * many new processes would make the next gaps long; with less, the gap would follow the size of the
 * tree too late. */
#define COST_AVERAGE 8

void budget_init(
    struct budget *b, enum budget_mode mode, int64_t interval_ns, bool grid, double cpu_share)
{
	*b = (struct budget){.mode = mode,
	    .interval_ns = interval_ns,
	    .grid = grid || mode == BUDGET_FIXED,
	    .bucket = {.cpu_share = cpu_share},
	    .gap_ns = MOVING_GAP_NS};
}

void budget_note(struct budget *b, enum budget_sign sign)
{
	if (sign > b->sign)
		b->sign = sign;
}

void budget_pause(struct budget *b)
{
	b->paused = true;
}

uint64_t budget_step_kib(const struct budget *b)
{
	uint64_t part = b->total_kib / STEP_PART;
	return part > STEP_LEAST_KIB ? part : STEP_LEAST_KIB;
}

/* Return the gap for which ticks use REST_SHARE of the budget. */
static int64_t frugal_gap_ns(const struct budget *b)
{
	double rest_share = b->bucket.cpu_share * REST_SHARE;
	return max_i64((int64_t)((double)b->tick_cost_ns / rest_share), REST_GAP_LEAST_NS);
}

/* Return the longest gap between ticks while nothing moves. */
static int64_t rest_gap_ns(const struct budget *b)
{
	if (b->mode == BUDGET_EVENTS)
		return max_i64(b->interval_ns, EVENTS_REST_GAP_NS);
	return min_i64(frugal_gap_ns(b), b->interval_ns);
}

/* ---- the bucket */

/* Ticks of a grid can cost more than the budget, so the bucket is never more than empty. Other
 * ticks go on soon after. */
static void spend(struct budget *b, int64_t now_ns, int64_t cost_ns)
{
	bucket_spend(&b->bucket, now_ns, cost_ns);
	if (b->grid)
		b->bucket.spent_ns = min_i64(
		    b->bucket.spent_ns, max_i64(bucket_size_ns(&b->bucket), cost_ns));
}

int64_t budget_left_ns(const struct budget *b, int64_t now_ns)
{
	int64_t most = (int64_t)((double)BUCKET_NS * OTHER_WORK_PART * b->bucket.cpu_share);
	return max_i64(most - bucket_missing_ns(&b->bucket, now_ns), 0);
}

int64_t budget_affordable_ns(const struct budget *b)
{
	int64_t over = b->bucket.spent_ns + b->tick_cost_ns - bucket_size_ns(&b->bucket);
	if (over <= 0)
		return b->last_ns;
	return b->bucket.spent_at_ns + (int64_t)((double)over / b->bucket.cpu_share);
}

/* ---- ticks */

/* Return when the next tick is due that is not of the grid. */
static int64_t free_due_ns(const struct budget *b)
{
	int64_t gap = b->gap_ns;
	if (b->sign == BUDGET_STRONG && !b->doubtful)
		gap = min_i64(gap, MOVING_GAP_NS);
	else if (b->sign != BUDGET_NO_SIGN)
		gap = min_i64(gap, frugal_gap_ns(b));
	return max_i64(b->last_ns + gap, budget_affordable_ns(b));
}

int64_t budget_due_ns(const struct budget *b)
{
	if (b->last_ns == 0)
		return 0;
	int64_t due = b->mode == BUDGET_FIXED ? INT64_MAX : free_due_ns(b);
	return b->grid ? min_i64(due, b->grid_ns) : due;
}

static bool is_movement(const struct budget *b, const struct budget_tick *t)
{
	uint64_t least = budget_step_kib(b) / MOVEMENT_PART;
	return t->moved || apart_u64(t->total_kib, b->total_kib) > least ||
	       apart_u64(t->marks_kib, b->marks_kib) > least;
}

/* Return the gap while memory moves: the longer, the emptier the bucket is; with an empty bucket,
 * as long as it takes to refill what a tick costs. */
static int64_t moving_gap_ns(const struct budget *b)
{
	double used = (double)b->bucket.spent_ns / ((double)BUCKET_NS * b->bucket.cpu_share);
	double refill_ns = (double)b->tick_cost_ns / b->bucket.cpu_share;
	return max_i64(MOVING_GAP_NS, (int64_t)(refill_ns * (used < 1 ? used : 1)));
}

/* Set the gap after a tick, and whether memory rests. */
static void set_gap(struct budget *b, int64_t now_ns, bool moved)
{
	int64_t settling = max_i64(moving_gap_ns(b), SETTLING_GAP_NS);
	bool strong = b->sign == BUDGET_STRONG && !b->doubtful;
	if (moved || strong) {
		b->moved_ns = moved ? now_ns : now_ns - REST_AFTER_NS + DOUBT_NS;
		b->gap_ns = moving_gap_ns(b);
		b->resting = false;
		b->doubtful = !moved;
	} else if (now_ns - b->moved_ns < REST_AFTER_NS) {
		b->gap_ns = min_i64(b->gap_ns * 2, settling);
		b->resting = false;
	} else {
		/* The first tick at rest is followed by another soon: signs of what moves may only
		 * be received from now on. */
		b->gap_ns = b->resting ? b->gap_ns * 2 : SETTLING_GAP_NS;
		b->resting = true;
	}
	b->gap_ns = min_i64(b->gap_ns, rest_gap_ns(b));
}

/* Pass the points of the grid until NOW. The tick is that of the last of them. */
static void pass_grid(struct budget *b, int64_t now_ns)
{
	if (b->last_ns == 0)
		b->grid_ns = now_ns;
	if (now_ns < b->grid_ns)
		return;
	int64_t later = (now_ns - b->grid_ns) / b->interval_ns;
	uint64_t missed = b->paused ? 0 : (uint64_t)later;
	b->grid_points += missed + 1;
	b->grid_missed += missed;
	b->grid_ns += (later + 1) * b->interval_ns;
}

static void average_cost(struct budget *b, int64_t cost_ns)
{
	int64_t before = b->tick_cost_ns == 0 ? cost_ns : b->tick_cost_ns;
	b->tick_cost_ns = (before * (COST_AVERAGE - 1) + cost_ns) / COST_AVERAGE;
}

void budget_add_tick(struct budget *b, const struct budget_tick *t)
{
	if (b->grid)
		pass_grid(b, t->now_ns);
	if (b->mode != BUDGET_FIXED) {
		if (!t->extra)
			spend(b, t->now_ns, t->cost_ns);
		set_gap(b, t->now_ns, is_movement(b, t));
		if (!t->extra)
			average_cost(b, t->cost_ns);
	}
	b->last_ns = t->now_ns;
	b->total_kib = t->total_kib;
	b->marks_kib = t->marks_kib;
	b->sign = BUDGET_NO_SIGN;
	b->paused = false;
}
