/* SPDX-License-Identifier: MIT */
/* Commands and their differences as a text to read. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/square_root.h"
#include "base/utf8.h"
#include "compare/commands.h"

#define COMMAND_MAX 500 /* columns */

struct printer {
	const struct commands *c;
	const struct compare_style *style;
	struct buf *out;
};

/* Put the command as the last column. It is not cut to the width of the terminal, because long
 * commands may differ at their ends only. */
static void put_command(struct printer *p, const struct command *command)
{
	buf_str(p->out, "  ");
	format_name(p->out, command->text, COMMAND_MAX, p->style->utf8);
	buf_char(p->out, '\n');
}

static void put_quoted(struct printer *p, const struct command *command)
{
	buf_char(p->out, '\'');
	format_name(p->out, command->text, COMMAND_MAX, p->style->utf8);
	buf_char(p->out, '\'');
}

static void put_size(struct printer *p, const struct compare_item *i, enum compare_side side)
{
	char text[FORMAT_SIZE] = "-";
	if (i->side[side].n > 0)
		format_size(text, (uint64_t)i->side[side].median);
	buf_printf(p->out, " %10s", text);
}

static void put_duration(struct printer *p, const struct compare_item *i)
{
	const struct runs_statistics *us = &i->side[COMPARE_BASE];
	struct buf text = {0};
	if (us->n > 0)
		format_duration(&text, us->median);
	else
		buf_char(&text, '-');
	buf_printf(p->out, " %10.*s", (int)text.n, text.p);
	buf_free(&text);
}

/* ---- one set of runs */

static void put_spread(struct printer *p, const struct compare_item *i)
{
	const struct runs_statistics *s = &i->side[COMPARE_BASE];
	char text[32] = "-";
	if (s->n > 1 && s->median > 0)
		snprintf(text, sizeof text, "%.1f %%", compare_percent(i, s->max - s->min));
	buf_printf(p->out, " %7s", text);
}

static void put_table(struct printer *p)
{
	buf_printf(p->out, "  %4s %10s %10s %7s %10s %6s  COMMAND\n", "RUNS", "MEDIAN", "AT MOST",
	    "SPREAD", "DURATION", "TIMES");
	for (size_t i = 0; i < p->c->n; i++) {
		const struct command *command = &p->c->v[i];
		const struct compare *compare = &command->compare;
		buf_printf(p->out, "  %4zu", command->base.n);
		put_size(p, &compare->total, COMPARE_BASE);
		put_size(p, &compare->bound, COMPARE_BASE);
		put_spread(p, &compare->total);
		put_duration(p, &compare->duration);
		if (command->ratio > 0)
			buf_printf(p->out, " %6.2f", command->ratio);
		else
			buf_printf(p->out, " %6s", "-");
		put_command(p, command);
	}
}

/* Return whether the medians of A and B differ by no more than their noise. */
static bool are_alike(const struct runs_statistics *a, const struct runs_statistics *b)
{
	int64_t distance = a->median < b->median ? b->median - a->median : a->median - b->median;
	return distance == 0 || distance <= (a->noise > b->noise ? a->noise : b->noise);
}

/* Put how many times as much COMMAND needed as the least. The error is that of a quotient of two
 * values with these standard deviations. */
static void put_times(struct printer *p, const struct command *command)
{
	const struct runs_statistics *a = &p->c->least->compare.total.side[COMPARE_BASE],
				     *b = &command->compare.total.side[COMPARE_BASE];
	if (are_alike(a, b)) {
		buf_str(p->out, "as much memory as ");
	} else if (a->median == 0) {
		buf_str(p->out, "less memory than ");
	} else {
		buf_printf(p->out, "%.2f", command->ratio);
		double x = a->deviation / a->mean, y = b->deviation / b->mean;
		if (a->n > 1 && b->n > 1)
			buf_printf(p->out, " %s %.2f", p->style->utf8 ? "\xc2\xb1" : "+-",
			    command->ratio * square_root(x * x + y * y));
		buf_str(p->out, " times less memory than ");
	}
	put_quoted(p, command);
	if (are_alike(a, b))
		buf_str(p->out, a->median == b->median ? "" : ", within the noise");
	buf_char(p->out, '\n');
}

/* Put `'A' needed 3.21 +- 0.04 times less memory than 'B'`, with a line for each of several. */
static void put_conclusion(struct printer *p)
{
	buf_char(p->out, '\n');
	put_quoted(p, p->c->least);
	buf_str(p->out, p->c->n == 2 ? " needed " : " needed\n");
	for (size_t i = 0; i < p->c->n; i++) {
		if (&p->c->v[i] == p->c->least)
			continue;
		if (p->c->n > 2)
			buf_str(p->out, "  ");
		put_times(p, &p->c->v[i]);
	}
}

/* ---- two sets of runs */

static void put_differences(struct printer *p)
{
	buf_printf(
	    p->out, "\n %10s %10s %10s %9s  %-7s  COMMAND\n", "BASE", "NEW", "CHANGE", "", "");
	for (size_t i = 0; i < p->c->n; i++) {
		const struct command *command = &p->c->v[i];
		const struct compare_item *t = &command->compare.total;
		struct buf change = {0};
		char percent[32] = "";
		bool worse = compare_is_worse(&command->compare, p->style);
		put_size(p, t, COMPARE_BASE);
		put_size(p, t, COMPARE_NEW);
		compare_put_change(&change, t->change);
		if (t->side[COMPARE_BASE].median > 0)
			snprintf(
			    percent, sizeof percent, "%+.1f %%", compare_percent(t, t->change));
		buf_printf(p->out, " %10.*s %9s  %-7s", (int)change.n, change.p, percent,
		    compare_verdict_name(worse ? COMPARE_WORSE : t->verdict));
		put_command(p, command);
		buf_free(&change);
	}
}

/* Put `REGRESSION of 1 of 3 commands against base (more than 10 %)`. */
static void put_verdict(struct printer *p)
{
	size_t worse = 0;
	for (size_t i = 0; i < p->c->n; i++)
		worse += compare_is_worse(&p->c->v[i].compare, p->style);
	if (worse > 0)
		buf_printf(p->out, "REGRESSION of %zu of %zu commands against ", worse, p->c->n);
	else
		buf_printf(p->out, "no regression of %zu commands against ", p->c->n);
	utf8_visible(p->out, p->style->base_name, strlen(p->style->base_name));
	if (worse > 0) {
		buf_str(p->out, " (more than ");
		compare_put_allowed(p->out, &p->c->v[0].compare.threshold);
		buf_char(p->out, ')');
	}
	buf_char(p->out, '\n');
}

void commands_text(const struct commands *c, const struct compare_style *style, struct buf *out)
{
	struct printer p = {c, style, out};
	if (c->n == 1) {
		compare_text(&c->v[0].compare, style, out);
	} else if (c->has_new) {
		put_verdict(&p);
		put_differences(&p);
	} else {
		put_table(&p);
		put_conclusion(&p);
	}
}
