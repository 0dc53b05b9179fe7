/* The comparison that people read. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/slice.h"
#include "base/utf8.h"
#include "compare/compare.h"

#define NAME_WIDTH 20
#define GROUPS_MAX 10

typedef void (*format_value)(struct buf *out, int64_t value); /* not negative */

struct printer {
	const struct compare *d;
	const struct compare_style *style;
	struct buf *out;
};

static void put_size(struct buf *out, int64_t kib)
{
	char text[FORMAT_SIZE];
	buf_str(out, format_size(text, (uint64_t)kib));
}

/* `+32.4 MiB` */
static void format_change(struct buf *out, int64_t change, format_value format)
{
	buf_char(out, change < 0 ? '-' : '+');
	format(out, change < 0 ? -change : change);
}

/* TEXT as a column to itself, and gives it back. */
static void put_column(struct printer *p, struct buf *text)
{
	buf_printf(p->out, " %12.*s", (int)text->n, text->n > 0 ? text->p : "");
	buf_free(text);
}

static void put_value(
    struct printer *p, const struct runs_figures *f, int64_t v, format_value format)
{
	struct buf text = {0};
	if (f->n > 0)
		format(&text, v);
	else
		buf_char(&text, '-');
	put_column(p, &text);
}

static void put_allowed(struct printer *p)
{
	const struct compare_threshold *t = &p->d->threshold;
	if (t->is_size)
		put_size(p->out, (int64_t)(t->bytes / 1024));
	else
		buf_printf(p->out, "%.10g %%", t->percent);
}

static void put_verdict(struct printer *p)
{
	const struct compare_item *t = &p->d->total;
	size_t groups = p->style->groups ? p->d->groups_worse : 0;
	if (t->verdict == COMPARE_NOISE) {
		buf_str(p->out, ", but the runs themselves differ by ");
		if (t->side[COMPARE_BASE].median > 0)
			buf_printf(p->out, "%.1f %%", compare_percent(t, t->noise));
		else
			put_size(p->out, t->noise);
	}
	if (t->verdict == COMPARE_WORSE)
		buf_str(p->out, ": REGRESSION (more than ");
	else if (groups > 0)
		buf_printf(p->out, ": REGRESSION of %zu group%s (more than ", groups,
		    groups == 1 ? "" : "s");
	if (t->verdict == COMPARE_WORSE || groups > 0) {
		put_allowed(p);
		buf_char(p->out, ')');
	} else {
		buf_str(p->out, t->verdict == COMPARE_BETTER ? ": better" : ": no regression");
	}
	buf_char(p->out, '\n');
}

static void put_headline(struct printer *p)
{
	const struct compare_item *t = &p->d->total;
	buf_str(p->out, "peak RSS ");
	format_change(p->out, t->change, put_size);
	if (t->side[COMPARE_BASE].median > 0)
		buf_printf(p->out, " (%+.1f %%)", compare_percent(t, t->change));
	buf_str(p->out, " against ");
	utf8_visible(p->out, p->style->base_name, strlen(p->style->base_name));
	put_verdict(p);
}

static void put_change(struct printer *p, const struct compare_item *i, format_value format)
{
	static const char *const remarks[] = {
	    [COMPARE_SAME] = "",
	    [COMPARE_NOISE] = "  noise",
	    [COMPARE_WORSE] = "  worse",
	    [COMPARE_BETTER] = "  better",
	    [COMPARE_NEW] = "  new",
	    [COMPARE_GONE] = "  gone",
	};
	const struct runs_figures *base = &i->side[COMPARE_BASE], *now = &i->side[COMPARE_NOW];
	struct buf change = {0};
	char percent[32] = "";
	put_value(p, base, base->median, format);
	put_value(p, now, now->median, format);
	if (base->n > 0 && now->n > 0) {
		format_change(&change, i->change, format);
		if (base->median > 0)
			snprintf(percent, sizeof percent, "%+.1f %%", compare_percent(i, i->change));
	}
	put_column(p, &change);
	buf_printf(p->out, " %10s%s", percent, remarks[i->verdict]);
}

static void put_spread(struct printer *p, const struct compare_item *i, format_value format)
{
	const struct runs_figures *f = &i->side[COMPARE_BASE];
	put_value(p, f, f->median, format);
	put_value(p, f, f->least, format);
	put_value(p, f, f->most, format);
	if (f->n > 1 && f->median > 0)
		buf_printf(p->out, " %8.1f %%", compare_percent(i, f->most - f->least));
}

static void end_line(struct printer *p)
{
	while (p->out->p[p->out->n - 1] == ' ')
		p->out->n--;
	buf_char(p->out, '\n');
}

static struct slice label(const char *text)
{
	return (struct slice){text, strlen(text)};
}

static void put_item(
    struct printer *p, struct slice name, const struct compare_item *i, format_value format)
{
	buf_str(p->out, "  ");
	size_t columns =
	    format_name(p->out, name.n > 0 ? name : label("-"), NAME_WIDTH, p->style->utf8);
	buf_printf(p->out, "%*s", (int)(NAME_WIDTH - columns), "");
	(p->d->compares ? put_change : put_spread)(p, i, format);
	end_line(p);
}

static void put_head(struct printer *p, const char *title)
{
	const struct compare *d = p->d;
	buf_printf(p->out, "\n  %-*s %12s %12s %12s", NAME_WIDTH, title,
	    d->compares ? "BASE" : "MEDIAN", d->compares ? "NEW" : "LEAST",
	    d->compares ? "CHANGE" : "MOST");
	buf_str(p->out, d->compares ? "\n" : "     SPREAD\n");
}

static void put_total(struct printer *p)
{
	const struct compare *d = p->d;
	put_head(p, "");
	put_item(p, label("peak RSS"), &d->total, put_size);
	if (d->bound.side[COMPARE_BASE].n + d->bound.side[COMPARE_NOW].n > 0)
		put_item(p, label("at most"), &d->bound, put_size);
	if (d->duration.side[COMPARE_BASE].n + d->duration.side[COMPARE_NOW].n > 0)
		put_item(p, label("duration"), &d->duration, format_duration);
}

/* How sure one can be. */
static void put_noise(struct printer *p)
{
	const struct runs_figures *base = &p->d->total.side[COMPARE_BASE],
				  *now = &p->d->total.side[COMPARE_NOW];
	if (base->n == 1 && now->n == 1) {
		buf_str(
		    p->out, "  one run each: how much runs differ by themselves is not known\n");
		return;
	}
	buf_printf(p->out, "  %-*s %12zu %12zu\n", NAME_WIDTH, "runs", base->n, now->n);
	buf_printf(p->out, "  %-*s", NAME_WIDTH, "runs differ by");
	put_value(p, &(struct runs_figures){.n = base->n - 1}, base->noise, put_size);
	put_value(p, &(struct runs_figures){.n = now->n - 1}, now->noise, put_size);
	buf_char(p->out, '\n');
}

static void put_groups(struct printer *p)
{
	const struct compare *d = p->d;
	if (d->groups < 2)
		return;
	put_head(p, "GROUP");
	for (size_t i = 0; i < d->groups && i < GROUPS_MAX; i++)
		put_item(p, d->group[i].name, &d->group[i], put_size);
	if (d->groups > GROUPS_MAX)
		buf_printf(p->out, "  and %zu more\n", d->groups - GROUPS_MAX);
}

/* `5 runs: peak RSS 412.3 MiB (median; 410.0 to 415.2 MiB, spread 1.3 %)` */
static void put_summary(struct printer *p)
{
	const struct runs_figures *f = &p->d->total.side[COMPARE_BASE];
	char median[FORMAT_SIZE], least[FORMAT_SIZE], most[FORMAT_SIZE];
	format_size(median, (uint64_t)f->median);
	format_size(least, (uint64_t)f->least);
	format_size(most, (uint64_t)f->most);
	buf_printf(p->out, "%zu run%s: peak RSS %s", f->n, f->n == 1 ? "" : "s", median);
	size_t number = strcspn(least, " ");
	if (strcmp(least + number, most + strcspn(most, " ")) == 0)
		least[number] = '\0'; /* the unit is the other's */
	if (f->n > 1)
		buf_printf(p->out, " (median; %s to %s", least, most);
	if (f->n > 1 && f->median > 0)
		buf_printf(
		    p->out, ", spread %.1f %%", compare_percent(&p->d->total, f->most - f->least));
	buf_str(p->out, f->n > 1 ? ")\n" : "\n");
}

void compare_text(const struct compare *d, const struct compare_style *style, struct buf *out)
{
	struct printer p = {d, style, out};
	if (!d->compares) {
		put_summary(&p);
		if (d->total.side[COMPARE_BASE].n == 1)
			return;
		put_total(&p);
	} else {
		put_headline(&p);
		put_total(&p);
		put_noise(&p);
	}
	put_groups(&p);
}
