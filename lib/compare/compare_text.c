/* SPDX-License-Identifier: MIT */
/* The comparison as a text to read. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/slice.h"
#include "base/utf8.h"
#include "compare/compare.h"

#define NAME_WIDTH 20
#define GROUPS_MAX 10

typedef void (*format_value)(struct buf *out, int64_t value); /* VALUE >= 0 */

struct printer {
	const struct compare *c;
	const struct compare_style *style;
	struct buf *out;
};

static void put_size(struct buf *out, int64_t kib)
{
	char text[FORMAT_SIZE];
	buf_str(out, format_size(text, (uint64_t)kib));
}

/* Append a value with its sign, `+32.4 MiB`. A value that rounds to 0 has no minus. */
static void format_change(struct buf *out, int64_t change, format_value format)
{
	size_t start = out->n;
	buf_char(out, '+');
	format(out, change < 0 ? -change : change);
	for (size_t i = start; change < 0 && i < out->n; i++)
		if (out->p[i] >= '1' && out->p[i] <= '9')
			out->p[start] = '-';
}

/* Put TEXT as a column, and free it. */
static void put_column(struct printer *p, struct buf *text)
{
	buf_printf(p->out, " %12.*s", (int)text->n, text->n > 0 ? text->p : "");
	buf_free(text);
}

static void put_value(
    struct printer *p, const struct runs_statistics *s, int64_t v, format_value format)
{
	struct buf text = {0};
	if (s->n > 0)
		format(&text, v);
	else
		buf_char(&text, '-');
	put_column(p, &text);
}

void compare_put_change(struct buf *out, int64_t kib)
{
	format_change(out, kib, put_size);
}

void compare_put_allowed(struct buf *out, const struct compare_threshold *t)
{
	if (t->is_size)
		put_size(out, (int64_t)(t->bytes / 1024));
	else
		buf_printf(out, "%.10g %%", t->percent);
}

static void put_verdict(struct printer *p)
{
	const struct compare_item *t = &p->c->total;
	size_t groups = p->style->groups ? p->c->groups_worse : 0;
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
		compare_put_allowed(p->out, &p->c->threshold);
		buf_char(p->out, ')');
	} else {
		buf_str(p->out, t->verdict == COMPARE_BETTER ? ": better" : ": no regression");
	}
	buf_char(p->out, '\n');
}

static void put_headline(struct printer *p)
{
	const struct compare_item *t = &p->c->total;
	buf_str(p->out, "peak RSS ");
	format_change(p->out, t->change, put_size);
	double percent = t->side[COMPARE_BASE].median > 0 ? compare_percent(t, t->change) : 0;
	if (t->side[COMPARE_BASE].median > 0)
		buf_printf(p->out, percent == 0 ? " (%.1f %%)" : " (%+.1f %%)", percent);
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
	    [COMPARE_ADDED] = "  new",
	    [COMPARE_REMOVED] = "  removed",
	};
	const struct runs_statistics *base = &i->side[COMPARE_BASE], *new = &i->side[COMPARE_NEW];
	struct buf change = {0};
	char percent[32] = "";
	put_value(p, base, base->median, format);
	put_value(p, new, new->median, format);
	if (base->n > 0 && new->n > 0) {
		format_change(&change, i->change, format);
		double value = base->median > 0 ? compare_percent(i, i->change) : 0;
		if (base->median > 0)
			snprintf(percent, sizeof percent, value == 0 ? "%.1f %%" : "%+.1f %%", value);
	}
	put_column(p, &change);
	buf_printf(p->out, " %10s%s", percent, remarks[i->verdict]);
}

static void put_spread(struct printer *p, const struct compare_item *i, format_value format)
{
	const struct runs_statistics *s = &i->side[COMPARE_BASE];
	put_value(p, s, s->median, format);
	put_value(p, s, s->min, format);
	put_value(p, s, s->max, format);
	if (s->n > 1 && s->median > 0)
		buf_printf(p->out, " %8.1f %%", compare_percent(i, s->max - s->min));
}

static void end_line(struct printer *p)
{
	while (p->out->p[p->out->n - 1] == ' ')
		p->out->n--;
	buf_char(p->out, '\n');
}

static void put_item(
    struct printer *p, struct slice name, const struct compare_item *i, format_value format)
{
	buf_str(p->out, "  ");
	size_t columns =
	    format_name(p->out, name.n > 0 ? name : slice_of("-"), NAME_WIDTH, p->style->utf8);
	buf_printf(p->out, "%*s", (int)(NAME_WIDTH - columns), "");
	(p->c->has_new ? put_change : put_spread)(p, i, format);
	end_line(p);
}

static void put_header(struct printer *p, const char *title)
{
	const struct compare *c = p->c;
	buf_printf(p->out, "\n  %-*s %12s %12s %12s", NAME_WIDTH, title,
	    c->has_new ? "BASE" : "MEDIAN", c->has_new ? "NEW" : "MIN",
	    c->has_new ? "CHANGE" : "MAX");
	buf_str(p->out, c->has_new ? "\n" : "     SPREAD\n");
}

static void put_total(struct printer *p)
{
	const struct compare *c = p->c;
	put_header(p, "");
	put_item(p, slice_of("peak RSS"), &c->total, put_size);
	if (c->bound.side[COMPARE_BASE].n + c->bound.side[COMPARE_NEW].n > 0)
		put_item(p, slice_of("at most"), &c->bound, put_size);
	if (c->duration.side[COMPARE_BASE].n + c->duration.side[COMPARE_NEW].n > 0)
		put_item(p, slice_of("duration"), &c->duration, format_duration);
}

/* Put the number of runs and their noise. */
static void put_noise(struct printer *p)
{
	const struct runs_statistics *base = &p->c->total.side[COMPARE_BASE],
				  *new = &p->c->total.side[COMPARE_NEW];
	if (base->n == 1 && new->n == 1) {
		buf_str(p->out, "  one run each: the noise between runs is unknown\n");
		return;
	}
	buf_printf(p->out, "  %-*s %12zu %12zu\n", NAME_WIDTH, "runs", base->n, new->n);
	buf_printf(p->out, "  %-*s", NAME_WIDTH, "noise between runs");
	put_value(p, &(struct runs_statistics){.n = base->n - 1}, base->noise, put_size);
	put_value(p, &(struct runs_statistics){.n = new->n - 1}, new->noise, put_size);
	buf_char(p->out, '\n');
}

static void put_groups(struct printer *p)
{
	const struct compare *c = p->c;
	if (c->groups < 2)
		return;
	put_header(p, "GROUP");
	for (size_t i = 0; i < c->groups && i < GROUPS_MAX; i++)
		put_item(p, c->group[i].name, &c->group[i], put_size);
	if (c->groups > GROUPS_MAX)
		buf_printf(p->out, "  and %zu more\n", c->groups - GROUPS_MAX);
}

/* Put `5 runs: peak RSS 412.3 MiB (median; 410.0 to 415.2 MiB, spread 1.3 %)` */
static void put_summary(struct printer *p)
{
	const struct runs_statistics *s = &p->c->total.side[COMPARE_BASE];
	char median[FORMAT_SIZE], min[FORMAT_SIZE], max[FORMAT_SIZE];
	format_size(median, (uint64_t)s->median);
	format_size(min, (uint64_t)s->min);
	format_size(max, (uint64_t)s->max);
	buf_printf(p->out, "%zu run%s: peak RSS %s", s->n, s->n == 1 ? "" : "s", median);
	size_t number = strcspn(min, " ");
	if (strcmp(min + number, max + strcspn(max, " ")) == 0)
		min[number] = '\0'; /* the same unit as the maximum */
	if (s->n > 1)
		buf_printf(p->out, " (median; %s to %s", min, max);
	if (s->n > 1 && s->median > 0)
		buf_printf(
		    p->out, ", spread %.1f %%", compare_percent(&p->c->total, s->max - s->min));
	buf_str(p->out, s->n > 1 ? ")\n" : "\n");
}

void compare_text(const struct compare *c, const struct compare_style *style, struct buf *out)
{
	struct printer p = {c, style, out};
	if (!c->has_new) {
		put_summary(&p);
		if (c->total.side[COMPARE_BASE].n == 1)
			return;
		put_total(&p);
	} else {
		put_headline(&p);
		put_total(&p);
		put_noise(&p);
	}
	put_groups(&p);
}
