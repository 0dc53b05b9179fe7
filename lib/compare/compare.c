/* SPDX-License-Identifier: MIT */
/* Differences between the peaks of two sets of runs. */
#include "compare/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "report/report.h"
#include "stream/escape.h"

static struct report_number peak_of(const struct report *r)
{
	return report_total(r)->rss_kib;
}

static struct report_number bound_of(const struct report *r)
{
	return report_total(r)->bound_kib;
}

static struct report_number duration_of(const struct report *r)
{
	int64_t us = report_length_us(r);
	return (struct report_number){us, us > 0};
}

/* Return the statistics of the runs in which VALUE_OF is known. */
static struct runs_statistics statistics_of(
    const struct runs *runs, struct report_number (*value_of)(const struct report *))
{
	int64_t *v = alloc_resize(NULL, runs->n, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < runs->n; i++) {
		struct report_number value = value_of(&runs->v[i]);
		if (value.known)
			v[n++] = value.value;
	}
	struct runs_statistics s = runs_statistics(v, n);
	free(v);
	return s;
}

static enum compare_verdict judge(
    const struct compare_item *i, const struct compare_threshold *t)
{
	int64_t base = i->side[COMPARE_BASE].median;
	double allowed = t->is_size ? (double)t->bytes / 1024 : (double)base * t->percent / 100;
	int64_t distance = i->change < 0 ? -i->change : i->change;
	if (i->side[COMPARE_BASE].n == 0)
		return COMPARE_ADDED;
	if (i->side[COMPARE_NEW].n == 0)
		return COMPARE_REMOVED;
	if ((double)distance <= allowed)
		return COMPARE_SAME;
	if (distance <= i->noise)
		return COMPARE_NOISE;
	return i->change > 0 ? COMPARE_WORSE : COMPARE_BETTER;
}

/* Set the change and the noise of I from its two sides. */
static void compare(struct compare_item *i)
{
	const struct runs_statistics *base = &i->side[COMPARE_BASE], *new = &i->side[COMPARE_NEW];
	i->change = new->median - base->median;
	i->noise = base->noise > new->noise ? base->noise : new->noise;
}

static void compare_total(struct compare_item *i, const struct runs *const side[COMPARE_SIDES],
    struct report_number (*value_of)(const struct report *))
{
	i->name = report_total(&side[COMPARE_BASE]->v[0])->name;
	for (int s = 0; s < COMPARE_SIDES && side[s] != NULL; s++)
		i->side[s] = statistics_of(side[s], value_of);
	compare(i);
}

/* The peaks of each group in the runs of both sides. */
struct gathering {
	struct intern *names;
	struct group_peaks {
		int64_t *v[COMPARE_SIDES];
		size_t n[COMPARE_SIDES];
	} * peaks; /* indexed by the number of the name */
	size_t cap;
};

static struct group_peaks *peaks_of_group(struct gathering *g, struct slice name)
{
	uint32_t at = intern_number(g->names, name);
	size_t before = g->cap;
	g->peaks = alloc_grow(g->peaks, &g->cap, at + (size_t)1, sizeof *g->peaks);
	if (g->cap > before)
		memset(g->peaks + before, 0, (g->cap - before) * sizeof *g->peaks);
	return &g->peaks[at];
}

/* The room grows with the number of values: most groups may be in few of many runs. */
static void add_peak(struct group_peaks *h, enum compare_side s, int64_t kib)
{
	size_t n = h->n[s]++;
	if ((n & (n - 1)) == 0) /* 0 or a power of two: the room is used up */
		h->v[s] = alloc_resize(h->v[s], n == 0 ? 1 : n * 2, sizeof *h->v[s]);
	h->v[s][n] = kib;
}

static void gather(struct gathering *g, const struct runs *runs, enum compare_side s)
{
	for (size_t i = 0; i < runs->n; i++) {
		const struct report_rows *rows = &runs->v[i].rows[REPORT_GROUP];
		for (size_t j = 0; j < rows->n; j++) {
			struct group_peaks *h = peaks_of_group(g, rows->v[j].name);
			if (rows->v[j].rss_kib.known && h->n[s] < runs->n)
				add_peak(h, s, rows->v[j].rss_kib.value);
		}
	}
}

static void compare_group(struct compare *c, size_t number, struct group_peaks *h)
{
	const struct intern_entry *e = &c->names.v[number];
	struct compare_item i = {.name = {e->text, e->len}};
	for (int s = 0; s < COMPARE_SIDES; s++) {
		i.side[s] = runs_statistics(h->v[s], h->n[s]);
		free(h->v[s]);
	}
	if (i.side[COMPARE_BASE].n + i.side[COMPARE_NEW].n == 0)
		return;
	compare(&i);
	i.verdict = judge(&i, &c->threshold);
	c->group[c->groups++] = i;
	c->groups_worse += i.verdict == COMPARE_WORSE;
}

/* Compare two items for qsort: the larger change, up or down, first; then by name. */
static int by_change(const void *a, const void *b)
{
	const struct compare_item *x = a, *y = b;
	int64_t p = x->change < 0 ? -x->change : x->change;
	int64_t q = y->change < 0 ? -y->change : y->change;
	if (p != q)
		return p < q ? 1 : -1;
	int order = memcmp(x->name.p, y->name.p, x->name.n < y->name.n ? x->name.n : y->name.n);
	return order != 0 ? order : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

static void compare_groups(struct compare *c, const struct runs *const side[COMPARE_SIDES])
{
	struct gathering g = {.names = &c->names};
	for (int s = 0; s < COMPARE_SIDES && side[s] != NULL; s++)
		gather(&g, side[s], (enum compare_side)s);
	c->group = alloc_resize(NULL, c->names.n + 1, sizeof *c->group);
	for (size_t i = 0; i < c->names.n && g.peaks != NULL; i++)
		compare_group(c, i, &g.peaks[i]);
	free(g.peaks);
	qsort(c->group, c->groups, sizeof *c->group, by_change);
}

void compare_make(struct compare *c, const struct compare_threshold *threshold,
    const struct runs *base, const struct runs *runs)
{
	const struct runs *const side[COMPARE_SIDES] = {base, runs};
	*c = (struct compare){.has_new = runs != NULL, .threshold = *threshold};
	compare_total(&c->total, side, peak_of);
	c->total.verdict = judge(&c->total, &c->threshold);
	compare_total(&c->bound, side, bound_of);
	compare_total(&c->duration, side, duration_of);
	compare_groups(c, side);
}

void compare_free(struct compare *c)
{
	free(c->group);
	intern_free(&c->names);
}

double compare_percent(const struct compare_item *i, int64_t x)
{
	double percent = (double)x * 100 / (double)i->side[COMPARE_BASE].median;
	return percent > -0.05 && percent < 0.05 ? 0 : percent;
}

bool compare_is_worse(const struct compare *c, const struct compare_style *style)
{
	return c->total.verdict == COMPARE_WORSE || (style->groups && c->groups_worse > 0);
}

const char *compare_verdict_name(enum compare_verdict verdict)
{
	static const char *const names[] = {
	    [COMPARE_SAME] = "same",
	    [COMPARE_NOISE] = "noise",
	    [COMPARE_WORSE] = "worse",
	    [COMPARE_BETTER] = "better",
	    [COMPARE_ADDED] = "new",
	    [COMPARE_REMOVED] = "removed",
	};
	return names[verdict];
}

static void put_number(struct buf *out, bool known, int64_t value)
{
	buf_char(out, '\t');
	if (known)
		buf_printf(out, "%lld", (long long)value);
}

static void put_percent(struct buf *out, bool known, const struct compare_item *i, int64_t x)
{
	buf_char(out, '\t');
	if (known && i->side[COMPARE_BASE].median != 0)
		buf_printf(out, "%.1f", compare_percent(i, x));
}

/* Put the columns of a table of one side. */
static void put_runs(const struct compare_item *i, struct buf *out)
{
	const struct runs_statistics *s = &i->side[COMPARE_BASE];
	put_number(out, true, (int64_t)s->n);
	put_number(out, true, s->median);
	put_number(out, true, s->min);
	put_number(out, true, s->max);
	put_number(out, s->n > 1, s->max - s->min);
	put_percent(out, s->n > 1, i, s->max - s->min);
	put_number(out, s->noise >= 0, s->noise);
}

/* Put the columns of a table of both sides. */
static void put_comparison(const struct compare_item *i, struct buf *out)
{
	const struct runs_statistics *base = &i->side[COMPARE_BASE], *new = &i->side[COMPARE_NEW];
	bool both = base->n > 0 && new->n > 0;
	put_number(out, true, (int64_t)base->n);
	put_number(out, true, (int64_t)new->n);
	put_number(out, base->n > 0, base->median);
	put_number(out, new->n > 0, new->median);
	put_number(out, both, i->change);
	put_percent(out, both, i, i->change);
	put_number(out, i->noise >= 0, i->noise);
	buf_char(out, '\t');
	buf_str(out, compare_verdict_name(i->verdict));
}

static void put_duration(const struct compare *c, double ratio, struct buf *out)
{
	const struct runs_statistics *us = &c->duration.side[COMPARE_BASE];
	buf_char(out, '\t');
	if (us->n > 0)
		buf_time(out, us->median);
	buf_char(out, '\t');
	if (ratio > 0)
		buf_printf(out, "%.3f", ratio);
}

static void put_row(const struct compare *c, const struct compare_item *i, struct slice command,
    double ratio, struct buf *out)
{
	bool total = i == &c->total;
	buf_str(out, total ? "total\t" : "group\t");
	escape_field(out, i->name.p, i->name.n);
	(c->has_new ? put_comparison : put_runs)(i, out);
	if (!c->has_new && total)
		put_duration(c, ratio, out);
	else if (!c->has_new)
		buf_str(out, "\t\t");
	buf_char(out, '\t');
	escape_field(out, command.p, command.n);
	buf_char(out, '\n');
}

void compare_tsv_header(bool has_new, struct buf *out)
{
	buf_str(out, has_new ? "scope\tname\tbase_runs\tnew_runs\tbase_kib\tnew_kib\tchange_kib\t"
			       "change_percent\tnoise_kib\tverdict\tcommand\n"
			     : "scope\tname\truns\tmedian_kib\tmin_kib\tmax_kib\tspread_kib\t"
			       "spread_percent\tnoise_kib\tduration_seconds\tratio\tcommand\n");
}

void compare_tsv(const struct compare *c, struct slice command, double ratio, struct buf *out)
{
	put_row(c, &c->total, command, ratio, out);
	for (size_t i = 0; i < c->groups; i++)
		put_row(c, &c->group[i], command, 0, out);
}
