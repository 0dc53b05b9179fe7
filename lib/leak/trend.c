/* Whether memory grows steadily. */
#include "leak/trend.h"

#include <stdlib.h>

#define PARTS 12
#define FEWER_PARTS 8 /* as many must have a reading */
#define ENDS 2	      /* rises that are the end */
#define SURE 99	      /* percent */
#define MOST 99.9     /* more is not known from so few parts */
#define WIDE 1.9600   /* standard deviations to either side that hold 95 % */

/* Growth is more than the larger of these: the kernel's count of a process can
 * be 64 pages off, and an allocator keeps a little more or less. */
#define GROWTH_KIB 256
#define GROWTH_PART 0.01

const char *const trend_names[TREND_VERDICTS] = {
    [TREND_LEAK] = "leak",
    [TREND_RAMP] = "ramp",
    [TREND_STEADY] = "steady",
    [TREND_UNEVEN] = "uneven",
    [TREND_SHRINKING] = "shrinking",
    [TREND_SHORT] = "short",
};

/* The lowest reading of a part. */
struct floor {
	double minute, kib;
};

struct floors {
	struct floor v[PARTS];
	size_t n;
	double before_kib; /* the highest floor of half as many before, or -1 */
};

/* Of a pair of floors: the sign of its difference, and its slope. */
struct pairs {
	double slope[PARTS * (PARTS - 1) / 2];
	size_t n;
	double s, variance; /* Mann and Kendall's */
};

/* How many points to look at: a process gives its memory back bit by bit as it
 * ends, so a fall at the very end, in the last part, is none. */
static size_t without_end(const struct minima *c, int64_t last_part_us)
{
	size_t n = c->n;
	while (n > 1 && c->v[n - 1].time_us >= last_part_us && c->v[n - 1].kib < c->v[n - 2].kib)
		n--;
	return n;
}

/* Of the PARTS from START_US on, and of half as many before. */
static void find_floors(
    struct floors *f, const struct minima *c, int64_t start_us, int64_t width_us, int64_t parts)
{
	struct floor all[PARTS + PARTS / 2];
	int64_t before = parts / 2, last = before + parts - 1;
	int64_t origin_us = start_us - before * width_us;
	size_t n = without_end(c, origin_us + last * width_us);
	for (int64_t at = 0; at <= last; at++)
		all[at].kib = -1;
	for (size_t i = 0; i < n; i++) {
		if (c->v[i].time_us < origin_us)
			continue;
		int64_t at = (c->v[i].time_us - origin_us) / width_us;
		struct floor *low = &all[at < last ? at : last];
		double kib = (double)c->v[i].kib;
		if (low->kib < 0 || kib < low->kib)
			*low = (struct floor){(double)(c->v[i].time_us - start_us) / 60e6, kib};
	}
	*f = (struct floors){.before_kib = -1};
	for (int64_t at = 0; at < before; at++)
		f->before_kib = all[at].kib > f->before_kib ? all[at].kib : f->before_kib;
	for (int64_t at = before; at <= last; at++)
		if (all[at].kib >= 0)
			f->v[f->n++] = all[at];
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* What floors of one height take from the variance: a run of N equal ones. */
static double variance_of(double n)
{
	return n * (n - 1) * (2 * n + 5) / 18;
}

static void compare_pairs(struct pairs *p, const struct floors *f)
{
	*p = (struct pairs){.variance = variance_of((double)f->n)};
	for (size_t j = 0; j < f->n; j++) {
		size_t same_before = 0, same = 1;
		for (size_t i = 0; i < f->n; i++) {
			double rise = f->v[j].kib - f->v[i].kib;
			if (i != j)
				same += rise == 0;
			if (i >= j)
				continue;
			same_before += rise == 0;
			p->s += (rise > 0) - (rise < 0);
			p->slope[p->n++] = rise / (f->v[j].minute - f->v[i].minute);
		}
		if (same_before == 0)
			p->variance -= variance_of((double)same);
	}
	qsort(p->slope, p->n, sizeof *p->slope, by_value);
}

/* Newton's; libm would be in every program for this alone. */
static double root(double square)
{
	double r = square > 1 ? square : 1;
	for (int i = 0; i < 64; i++)
		r = (r + square / r) / 2;
	return r;
}

/* How much of a normal distribution is less than Z standard deviations off. */
static double within(double z)
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

static double percent_sure(const struct pairs *p)
{
	double s = p->s < 0 ? -p->s : p->s;
	if (s <= 1 || p->variance <= 0)
		return 0;
	double percent = 100 * within((s - 1) / root(p->variance));
	return percent > MOST ? MOST : percent;
}

/* The slope that as many pairs are below as above, and those that lie as far
 * from it in the order as chance would take it. */
static void find_slope(struct trend *t, const struct pairs *p)
{
	double off = WIDE * root(p->variance), n = (double)p->n;
	size_t low = off < n ? (size_t)((n - off) / 2) : 0, middle = p->n / 2;
	t->kib_per_minute = p->slope[middle];
	if (p->n % 2 == 0)
		t->kib_per_minute = (p->slope[middle - 1] + p->slope[middle]) / 2;
	t->low_kib_per_minute = p->slope[low];
	t->high_kib_per_minute = p->slope[p->n - 1 - low];
}

static double range(const struct floors *f)
{
	double low = f->v[0].kib, high = low;
	for (size_t i = 1; i < f->n; i++) {
		low = f->v[i].kib < low ? f->v[i].kib : low;
		high = f->v[i].kib > high ? f->v[i].kib : high;
	}
	return high - low;
}

/* From each part to the next; of twelve, one may fail. By chance, one in 120
 * walks does that. */
static int rises_throughout(const struct floors *f)
{
	size_t others = 0;
	for (size_t i = 1; i < f->n; i++)
		others += f->v[i].kib <= f->v[i - 1].kib;
	return others <= (f->n == PARTS ? 1 : 0);
}

/* The end is the highest, and half of it all above what was shortly before. */
static int reaches_new_height(const struct floors *f)
{
	for (size_t i = 0; i + 1 < f->n; i++)
		if (f->v[i].kib >= f->v[f->n - 1].kib)
			return 0;
	return f->v[f->n / 2].kib > f->before_kib;
}

/* At the end at half the speed of the whole, or less. */
static int slows_down(const struct floors *f)
{
	const struct floor *first = f->v, *last = &f->v[f->n - 1], *end = last - ENDS;
	double whole = (last->kib - first->kib) / (last->minute - first->minute);
	return (last->kib - end->kib) / (last->minute - end->minute) <= whole / 2;
}

static enum trend_verdict judge(const struct trend *t, const struct floors *f)
{
	double least = f->v[0].kib * GROWTH_PART;
	least = least > GROWTH_KIB ? least : GROWTH_KIB;
	int sure = t->sure_percent >= SURE;
	if (range(f) <= least)
		return TREND_STEADY;
	if (f->n < FEWER_PARTS)
		return TREND_SHORT;
	if (sure && t->growth_kib > least && slows_down(f))
		return TREND_RAMP;
	if (sure && t->growth_kib > least && t->low_kib_per_minute > 0 && rises_throughout(f) &&
	    reaches_new_height(f))
		return TREND_LEAK;
	if (sure && t->growth_kib < -least && t->high_kib_per_minute < 0)
		return TREND_SHRINKING;
	return TREND_UNEVEN;
}

static struct trend judge_parts(
    const struct minima *c, int64_t start_us, int64_t length_us, int64_t parts)
{
	struct trend t = {.verdict = TREND_SHORT, .seconds = (double)length_us / 1e6};
	struct floors f;
	find_floors(&f, c, start_us, length_us / parts, parts);
	if (f.n < 2)
		return t;
	struct pairs p;
	compare_pairs(&p, &f);
	find_slope(&t, &p);
	t.sure_percent = percent_sure(&p);
	t.growth_kib = f.v[f.n - 1].kib - f.v[0].kib;
	t.verdict = judge(&t, &f);
	return t;
}

struct trend trend_judge(const struct minima *c, const struct trend_window *w)
{
	int64_t length_us = (int64_t)(w->part * (double)(c->last_us - c->first_us));
	int64_t start_us = c->last_us - length_us;
	if (length_us < w->length_us || length_us < PARTS)
		return (struct trend){.verdict = TREND_SHORT, .seconds = (double)length_us / 1e6};
	struct trend t = judge_parts(c, start_us, length_us, PARTS);
	if (t.verdict != TREND_UNEVEN)
		return t;
	/* A sawtooth on the way may need more room to show its floor. */
	struct trend wider = judge_parts(c, start_us, length_us, FEWER_PARTS);
	return wider.verdict == TREND_LEAK ? wider : t;
}
