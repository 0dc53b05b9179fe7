/* How the peaks of some runs differ from those of others. */
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

static struct runs_figures figures_of(
    const struct runs *runs, struct report_number (*value_of)(const struct report *))
{
	int64_t *v = alloc_resize(NULL, runs->n, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < runs->n; i++) {
		struct report_number value = value_of(&runs->v[i]);
		if (value.known)
			v[n++] = value.value;
	}
	struct runs_figures f = runs_figures(v, n);
	free(v);
	return f;
}

static enum compare_verdict judge(const struct compare_item *i, const struct compare_threshold *t)
{
	int64_t base = i->side[COMPARE_BASE].median;
	double allowed = t->is_size ? (double)t->bytes / 1024 : (double)base * t->percent / 100;
	int64_t distance = i->change < 0 ? -i->change : i->change;
	if (i->side[COMPARE_BASE].n == 0)
		return COMPARE_NEW;
	if (i->side[COMPARE_NOW].n == 0)
		return COMPARE_GONE;
	if ((double)distance <= allowed)
		return COMPARE_SAME;
	if (distance <= i->noise)
		return COMPARE_NOISE;
	return i->change > 0 ? COMPARE_WORSE : COMPARE_BETTER;
}

static void compare(struct compare_item *i)
{
	const struct runs_figures *base = &i->side[COMPARE_BASE], *now = &i->side[COMPARE_NOW];
	i->change = now->median - base->median;
	i->noise = base->noise > now->noise ? base->noise : now->noise;
}

static void compare_total(struct compare_item *i, const struct runs *const side[COMPARE_SIDES],
    struct report_number (*value_of)(const struct report *))
{
	i->name = report_total(&side[COMPARE_BASE]->v[0])->name;
	for (int s = 0; s < COMPARE_SIDES && side[s] != NULL; s++)
		i->side[s] = figures_of(side[s], value_of);
	compare(i);
}

/* What each group held in the runs of either side. */
struct gathered {
	struct intern *names;
	struct held {
		int64_t *v[COMPARE_SIDES];
		size_t n[COMPARE_SIDES];
	} * held; /* of each name */
	size_t cap;
};

static struct held *held_by(struct gathered *g, struct slice name)
{
	uint32_t at = intern_number(g->names, name);
	if (at >= g->cap) {
		size_t cap = g->cap == 0 ? 16 : g->cap * 2;
		g->held = alloc_resize(g->held, cap, sizeof *g->held);
		memset(g->held + g->cap, 0, (cap - g->cap) * sizeof *g->held);
		g->cap = cap;
	}
	return &g->held[at];
}

/* Room for as many as there are, and not for all runs: most groups may be in few. */
static void add_held(struct held *h, enum compare_side s, int64_t kib)
{
	size_t n = h->n[s]++;
	if ((n & (n - 1)) == 0)
		h->v[s] = alloc_resize(h->v[s], n == 0 ? 1 : n * 2, sizeof *h->v[s]);
	h->v[s][n] = kib;
}

static void gather(struct gathered *g, const struct runs *runs, enum compare_side s)
{
	for (size_t i = 0; i < runs->n; i++) {
		const struct report_rows *rows = &runs->v[i].rows[REPORT_GROUP];
		for (size_t j = 0; j < rows->n; j++) {
			struct held *h = held_by(g, rows->v[j].name);
			if (rows->v[j].rss_kib.known && h->n[s] < runs->n)
				add_held(h, s, rows->v[j].rss_kib.value);
		}
	}
}

static void compare_group(struct compare *d, size_t number, struct held *h)
{
	const struct intern_entry *e = &d->names.v[number];
	struct compare_item i = {.name = {e->text, e->len}};
	for (int s = 0; s < COMPARE_SIDES; s++) {
		i.side[s] = runs_figures(h->v[s], h->n[s]);
		free(h->v[s]);
	}
	if (i.side[COMPARE_BASE].n + i.side[COMPARE_NOW].n == 0)
		return;
	compare(&i);
	i.verdict = judge(&i, &d->threshold);
	d->group[d->groups++] = i;
	d->groups_worse += i.verdict == COMPARE_WORSE;
}

/* By the change, whichever way; then by name, for want of anything better. */
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

static void compare_groups(struct compare *d, const struct runs *const side[COMPARE_SIDES])
{
	struct gathered g = {.names = &d->names};
	for (int s = 0; s < COMPARE_SIDES && side[s] != NULL; s++)
		gather(&g, side[s], (enum compare_side)s);
	d->group = alloc_resize(NULL, d->names.n + 1, sizeof *d->group);
	for (size_t i = 0; i < d->names.n && g.held != NULL; i++)
		compare_group(d, i, &g.held[i]);
	free(g.held);
	qsort(d->group, d->groups, sizeof *d->group, by_change);
}

void compare_make(struct compare *d, const struct compare_threshold *threshold, const struct runs *base,
    const struct runs *now)
{
	const struct runs *const side[COMPARE_SIDES] = {base, now};
	*d = (struct compare){.compares = now != NULL, .threshold = *threshold};
	compare_total(&d->total, side, peak_of);
	d->total.verdict = judge(&d->total, &d->threshold);
	compare_total(&d->bound, side, bound_of);
	compare_total(&d->duration, side, duration_of);
	compare_groups(d, side);
}

void compare_free(struct compare *d)
{
	free(d->group);
	intern_free(&d->names);
}

double compare_percent(const struct compare_item *i, int64_t x)
{
	return (double)x * 100 / (double)i->side[COMPARE_BASE].median;
}

static void put_number(struct buf *out, int known, int64_t value)
{
	buf_char(out, '\t');
	if (known)
		buf_printf(out, "%lld", (long long)value);
}

static void put_percent(struct buf *out, int known, const struct compare_item *i, int64_t x)
{
	buf_char(out, '\t');
	if (known && i->side[COMPARE_BASE].median != 0)
		buf_printf(out, "%.1f", compare_percent(i, x));
}

/* The runs of one side. */
static void put_runs(const struct compare_item *i, struct buf *out)
{
	const struct runs_figures *f = &i->side[COMPARE_BASE];
	put_number(out, 1, (int64_t)f->n);
	put_number(out, 1, f->median);
	put_number(out, 1, f->least);
	put_number(out, 1, f->most);
	put_number(out, f->n > 1, f->most - f->least);
	put_percent(out, f->n > 1, i, f->most - f->least);
	put_number(out, f->noise >= 0, f->noise);
}

static void put_comparison(const struct compare_item *i, struct buf *out)
{
	static const char *const verdicts[] = {
	    [COMPARE_SAME] = "same",
	    [COMPARE_NOISE] = "noise",
	    [COMPARE_WORSE] = "worse",
	    [COMPARE_BETTER] = "better",
	    [COMPARE_NEW] = "new",
	    [COMPARE_GONE] = "gone",
	};
	const struct runs_figures *base = &i->side[COMPARE_BASE], *now = &i->side[COMPARE_NOW];
	int both = base->n > 0 && now->n > 0;
	put_number(out, 1, (int64_t)base->n);
	put_number(out, 1, (int64_t)now->n);
	put_number(out, base->n > 0, base->median);
	put_number(out, now->n > 0, now->median);
	put_number(out, both, i->change);
	put_percent(out, both, i, i->change);
	put_number(out, i->noise >= 0, i->noise);
	buf_char(out, '\t');
	buf_str(out, verdicts[i->verdict]);
}

static void put_row(
    const struct compare *d, const char *scope, const struct compare_item *i, struct buf *out)
{
	buf_str(out, scope);
	buf_char(out, '\t');
	escape_field(out, i->name.p, i->name.n);
	(d->compares ? put_comparison : put_runs)(i, out);
	if (!d->compares) {
		const struct runs_figures *us = &d->duration.side[COMPARE_BASE];
		buf_char(out, '\t');
		if (i == &d->total && us->n > 0)
			buf_time(out, us->median);
	}
	buf_char(out, '\n');
}

void compare_tsv(const struct compare *d, struct buf *out)
{
	buf_str(out, d->compares
			 ? "scope\tname\tbase_runs\tnew_runs\tbase_kib\tnew_kib\tchange_kib\t"
			   "change_percent\tnoise_kib\tverdict\n"
			 : "scope\tname\truns\tmedian_kib\tmin_kib\tmax_kib\tspread_kib\t"
			   "spread_percent\tnoise_kib\tduration_seconds\n");
	put_row(d, "total", &d->total, out);
	for (size_t i = 0; i < d->groups; i++)
		put_row(d, "group", &d->group[i], out);
}
