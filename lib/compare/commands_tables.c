/* SPDX-License-Identifier: MIT */
/* Commands and their differences as tables: TSV, CSV and Markdown. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "compare/commands.h"
#include "report/report_markdown.h"
#include "stream/csv.h"
#include "stream/tsv.h"

void commands_tsv(const struct commands *c, const struct compare_style *style, struct buf *out)
{
	(void)style;
	compare_tsv_header(c->has_new, out);
	for (size_t i = 0; i < c->n; i++)
		compare_tsv(&c->v[i].compare, c->v[i].text, c->v[i].ratio, out);
}

/* Append a line of TSV, which is not empty, as a record of CSV. */
static void put_record(struct buf *out, struct slice line)
{
	while (line.n > 0) {
		size_t all = line.n;
		struct slice field = tsv_take_field(&line);
		csv_text(out, field);
		buf_str(out, field.n < all ? "," : "\r\n");
		if (field.n < all && line.n == 0)
			buf_str(out, "\r\n"); /* the last field is empty */
	}
}

void commands_csv(const struct commands *c, const struct compare_style *style, struct buf *out)
{
	struct buf table = {0};
	commands_tsv(c, style, &table);
	for (size_t at = 0; at < table.n;) {
		const char *line = table.p + at, *end = memchr(line, '\n', table.n - at);
		put_record(out, (struct slice){line, (size_t)(end - line)});
		at += (size_t)(end - line) + 1;
	}
	buf_free(&table);
}

/* ---- Markdown */

static void put_size(struct buf *out, const struct compare_item *i, enum compare_side side)
{
	char text[FORMAT_SIZE] = "-";
	if (i->side[side].n > 0)
		format_size(text, (uint64_t)i->side[side].median);
	buf_printf(out, " | %s", text);
}

static void put_command(struct buf *out, const struct command *command)
{
	const struct compare *compare = &command->compare;
	const struct runs_statistics *peak = &compare->total.side[COMPARE_BASE],
				     *us = &compare->duration.side[COMPARE_BASE];
	buf_str(out, "| ");
	report_markdown_code(out, command->text);
	buf_printf(out, " | %zu", peak->n);
	put_size(out, &compare->total, COMPARE_BASE);
	put_size(out, &compare->bound, COMPARE_BASE);
	if (peak->n > 1 && peak->median > 0)
		buf_printf(
		    out, " | %.1f %% | ", compare_percent(&compare->total, peak->max - peak->min));
	else
		buf_str(out, " | - | ");
	if (us->n > 0)
		format_duration(out, us->median);
	else
		buf_char(out, '-');
	if (command->ratio > 0)
		buf_printf(out, " | %.2f |\n", command->ratio);
	else
		buf_str(out, " | - |\n");
}

static void put_difference(
    struct buf *out, const struct command *command, const struct compare_style *style)
{
	const struct compare_item *total = &command->compare.total;
	bool worse = compare_is_worse(&command->compare, style);
	buf_str(out, "| ");
	report_markdown_code(out, command->text);
	put_size(out, total, COMPARE_BASE);
	put_size(out, total, COMPARE_NEW);
	buf_str(out, " | ");
	compare_put_change(out, total->change);
	if (total->side[COMPARE_BASE].median > 0)
		buf_printf(out, " (%+.1f %%)", compare_percent(total, total->change));
	buf_printf(out, worse ? " | **%s** |\n" : " | %s |\n",
	    compare_verdict_name(worse ? COMPARE_WORSE : total->verdict));
}

void commands_markdown(const struct commands *c, const struct compare_style *style, struct buf *out)
{
	buf_str(out, c->has_new
			 ? "| command | base | new | change | verdict |\n"
			   "| --- | ---: | ---: | ---: | --- |\n"
			 : "| command | runs | peak RSS | at most | spread | duration | times |\n"
			   "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
	for (size_t i = 0; i < c->n; i++) {
		if (c->has_new)
			put_difference(out, &c->v[i], style);
		else
			put_command(out, &c->v[i]);
	}
}
