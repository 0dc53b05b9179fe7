/* SPDX-License-Identifier: MIT */
/* A verdict on the last part of a series. */
#include "leak/trend.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/square_root.h"

/* Slices of the part. With twelve, chance alone makes every slice but one rise in 1 of 120
 * random walks. */
#define SLICES 12

/* Slices of the second attempt, and the least number of floors for a verdict. Eight slices are
 * half as long again, so that each holds a whole tooth of a longer sawtooth. */
#define SLICES_FEWER 8

/* Rises from slice to slice that are the end of a series. Two are the least that a single floor
 * does not decide. */
#define END_RISES 2

/* Confidence, in percent, from which a trend counts. At 99, one level series in a hundred would
 * pass this test alone. */
#define CONFIDENCE_PERCENT 99.0

/* The highest confidence reported, in percent. Twelve floors support no higher one. */
#define CONFIDENCE_MAX_PERCENT 99.9

/* Standard deviations on either side of the mean that hold 95 % of a normal distribution. */
#define DEVIATIONS_95 1.9600

/* Growth counts if it is more than both. The kernel's count of a process can be 64 pages off,
 * and allocators keep or return about one percent of what a program holds. */
#define GROWTH_MIN_KIB 256.0
#define GROWTH_MIN_PART 0.01

const char *const trend_names[TREND_VERDICTS] = {
    [TREND_LEAK] = "leak",
    [TREND_SMALL] = "small",
    [TREND_RAMP] = "ramp",
    [TREND_STEADY] = "steady",
    [TREND_UNEVEN] = "uneven",
    [TREND_SHRINKING] = "shrinking",
    [TREND_SHORT] = "short",
};

/* The lowest reading of a slice. */
struct floor {
	double minute, kib;
};

struct floors {
	struct floor v[SLICES];
	size_t n;
	double earlier_kib; /* the highest floor of the slices before the part, or -1 */
};

/* The slopes between all pairs of floors, and Mann and Kendall's statistic of them. */
struct pairs {
	double slope[SLICES * (SLICES - 1) / 2]; /* in KiB per minute, sorted */
	size_t n;
	double s; /* rises less falls */
	double variance;
};

/* ---- floors */

/* Return how many points count. A process frees its memory in steps while it exits, so a fall at
 * the very end, after LAST_SLICE_US, is left out. */
static size_t points_before_exit(const struct minima *m, int64_t last_slice_us)
{
	size_t n = m->n;
	while (n > 1 && m->v[n - 1].time_us >= last_slice_us && m->v[n - 1].kib < m->v[n - 2].kib)
		n--;
	return n;
}

/* Find the floors of the SLICES slices of WIDTH_US from START_US, and of half as many before
 * START_US. */
static void find_floors(struct floors *f, const struct minima *m, int64_t start_us,
    int64_t width_us, int64_t slices)
{
	struct floor all[SLICES + SLICES / 2];
	int64_t earlier = slices / 2, last = earlier + slices - 1;
	int64_t origin_us = start_us - earlier * width_us;
	size_t n = points_before_exit(m, origin_us + last * width_us);
	for (int64_t i = 0; i <= last; i++)
		all[i].kib = -1;
	for (size_t i = 0; i < n; i++) {
		if (m->v[i].time_us < origin_us)
			continue;
		int64_t slice = (m->v[i].time_us - origin_us) / width_us;
		struct floor *lowest = &all[slice < last ? slice : last];
		double kib = (double)m->v[i].kib;
		if (lowest->kib < 0 || kib < lowest->kib)
			*lowest = (struct floor){(double)(m->v[i].time_us - start_us) / 60e6, kib};
	}
	*f = (struct floors){.earlier_kib = -1};
	for (int64_t i = 0; i < earlier; i++)
		f->earlier_kib = all[i].kib > f->earlier_kib ? all[i].kib : f->earlier_kib;
	for (int64_t i = earlier; i <= last; i++)
		if (all[i].kib >= 0)
			f->v[f->n++] = all[i];
}

/* Return the difference between the highest and the lowest floor. */
static double range(const struct floors *f)
{
	double low = f->v[0].kib, high = low;
	for (size_t i = 1; i < f->n; i++) {
		low = f->v[i].kib < low ? f->v[i].kib : low;
		high = f->v[i].kib > high ? f->v[i].kib : high;
	}
	return high - low;
}

/* Return true if each floor is above the one before. One of twelve may fail. */
static bool rises_throughout(const struct floors *f)
{
	size_t falls = 0;
	for (size_t i = 1; i < f->n; i++)
		falls += f->v[i].kib <= f->v[i - 1].kib;
	return falls <= (f->n == SLICES ? 1 : 0);
}

/* Return true if the last floor is the highest, and the second half of them is above what was
 * held before the part. */
static bool reaches_new_height(const struct floors *f)
{
	for (size_t i = 0; i + 1 < f->n; i++)
		if (f->v[i].kib >= f->v[f->n - 1].kib)
			return false;
	return f->v[f->n / 2].kib > f->earlier_kib;
}

/* Return true if the rate at the end is half of the mean rate or less. */
static bool slows_down(const struct floors *f)
{
	const struct floor *first = f->v, *last = &f->v[f->n - 1], *end = last - END_RISES;
	double mean = (last->kib - first->kib) / (last->minute - first->minute);
	return (last->kib - end->kib) / (last->minute - end->minute) <= mean / 2;
}

/* ---- statistics */

/* Compare two doubles for qsort. */
static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* Return the variance of Mann and Kendall's statistic for N floors. A run of N equal floors
 * reduces it by as much. */
static double variance_of(double n)
{
	return n * (n - 1) * (2 * n + 5) / 18;
}

static void compare_pairs(struct pairs *p, const struct floors *f)
{
	*p = (struct pairs){.variance = variance_of((double)f->n)};
	for (size_t j = 0; j < f->n; j++) {
		size_t equal_before = 0, equal = 1;
		for (size_t i = 0; i < f->n; i++) {
			double rise = f->v[j].kib - f->v[i].kib;
			if (i != j)
				equal += rise == 0;
			if (i >= j)
				continue;
			equal_before += rise == 0;
			p->s += (rise > 0) - (rise < 0);
			p->slope[p->n++] = rise / (f->v[j].minute - f->v[i].minute);
		}
		if (equal_before == 0)
			p->variance -= variance_of((double)equal);
	}
	qsort(p->slope, p->n, sizeof *p->slope, by_value);
}

/* Return the share of a normal distribution that is less than Z standard deviations from its
 * mean. */
static double share_within(double z)
{
	double term = z * 0.79788456080286541, sum = term; /* sqrt(2 / pi) */
	if (z > 5)
		return 1;
	for (int n = 1; n < 100; n++) {
		term *= -z * z / (2 * n);
		sum += term / (2 * n + 1);
	}
	return sum;
}

/* Return the confidence, in percent, that there is a trend. */
static double confidence(const struct pairs *p)
{
	double s = p->s < 0 ? -p->s : p->s;
	if (s <= 1 || p->variance <= 0)
		return 0;
	double percent = 100 * share_within((s - 1) / square_root(p->variance));
	return percent > CONFIDENCE_MAX_PERCENT ? CONFIDENCE_MAX_PERCENT : percent;
}

/* Set the slope of T to the median of all slopes, and its limits to the slopes as many places
 * from the median as chance moves it. */
static void find_slope(struct trend *t, const struct pairs *p)
{
	double places = DEVIATIONS_95 * square_root(p->variance), n = (double)p->n;
	size_t low = places < n ? (size_t)((n - places) / 2) : 0, middle = p->n / 2;
	t->kib_per_minute = p->slope[middle];
	if (p->n % 2 == 0)
		t->kib_per_minute = (p->slope[middle - 1] + p->slope[middle]) / 2;
	t->low_kib_per_minute = p->slope[low];
	t->high_kib_per_minute = p->slope[p->n - 1 - low];
}

/* ---- the verdict */

static enum trend_verdict judge(const struct trend *t, const struct floors *f)
{
	double least_kib = f->v[0].kib * GROWTH_MIN_PART;
	least_kib = least_kib > GROWTH_MIN_KIB ? least_kib : GROWTH_MIN_KIB;
	bool sure = t->sure_percent >= CONFIDENCE_PERCENT;
	bool grew = sure && t->growth_kib > least_kib;
	if (range(f) <= least_kib)
		return TREND_STEADY;
	if (f->n < SLICES_FEWER)
		return TREND_SHORT;
	if (grew && slows_down(f))
		return TREND_RAMP;
	if (grew && t->low_kib_per_minute > 0 && rises_throughout(f) && reaches_new_height(f))
		return TREND_LEAK;
	if (sure && t->growth_kib < -least_kib && t->high_kib_per_minute < 0)
		return TREND_SHRINKING;
	return TREND_UNEVEN;
}

static struct trend judge_slices(const struct minima *m, const struct trend_window *window,
    int64_t start_us, int64_t length_us, int64_t slices)
{
	struct trend t = {.verdict = TREND_SHORT, .seconds = (double)length_us / 1e6};
	struct floors f;
	find_floors(&f, m, start_us, length_us / slices, slices);
	if (f.n < 2)
		return t;
	struct pairs p;
	compare_pairs(&p, &f);
	find_slope(&t, &p);
	t.sure_percent = confidence(&p);
	t.growth_kib = f.v[f.n - 1].kib - f.v[0].kib;
	t.verdict = judge(&t, &f);
	if (t.verdict == TREND_LEAK && (t.growth_kib < window->growth_kib ||
					   t.growth_kib < window->growth_part * f.v[0].kib))
		t.verdict = TREND_SMALL;
	return t;
}

struct trend trend_judge(const struct minima *series, const struct trend_window *window)
{
	int64_t length_us = (int64_t)(window->part * (double)(series->last_us - series->first_us));
	int64_t start_us = series->last_us - length_us;
	if (length_us < window->length_us || length_us < SLICES)
		return (struct trend){.verdict = TREND_SHORT, .seconds = (double)length_us / 1e6};
	struct trend t = judge_slices(series, window, start_us, length_us, SLICES);
	if (t.verdict != TREND_UNEVEN)
		return t;
	/* A slice may be too short to hold the floor of a sawtooth. */
	struct trend longer = judge_slices(series, window, start_us, length_us, SLICES_FEWER);
	return longer.verdict == TREND_LEAK || longer.verdict == TREND_SMALL ? longer : t;
}
