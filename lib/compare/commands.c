/* SPDX-License-Identifier: MIT */
/* Runs by command. */
#include "compare/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "report/report_command.h"

/* The runs of one set, by the numbers of their commands. */
struct sorted {
	struct runs *runs;
	uint32_t *number; /* of the command of each run, in the order of the file */
	size_t *start;	  /* of the runs of each command; one more is the end */
};

static void number_runs(struct sorted *s, struct runs *runs, struct intern *names)
{
	*s = (struct sorted){.runs = runs};
	if (runs == NULL)
		return;
	s->number = alloc_resize(NULL, runs->n, sizeof *s->number);
	for (size_t i = 0; i < runs->n; i++) {
		struct buf text = {0};
		buf_char(&text, runs->v[i].command.n > 0 ? 'c' : 'p'); /* or processes */
		if (runs->v[i].command.n > 0)
			report_command(&runs->v[i], &text);
		s->number[i] = intern_number(names, (struct slice){text.p, text.n});
		buf_free(&text);
	}
}

/* Sort the runs by the number of their command, of which there are COMMANDS. */
static void sort_runs(struct sorted *s, size_t commands)
{
	size_t n = s->runs != NULL ? s->runs->n : 0;
	s->start = alloc_resize(NULL, commands + 1, sizeof *s->start);
	memset(s->start, 0, (commands + 1) * sizeof *s->start);
	if (n == 0)
		return;
	struct report *v = s->runs->v, *sorted = alloc_resize(NULL, n, sizeof *sorted);
	size_t *next = alloc_resize(NULL, commands, sizeof *next);
	for (size_t i = 0; i < n; i++)
		s->start[s->number[i] + 1]++;
	for (size_t i = 0; i < commands; i++) {
		next[i] = s->start[i];
		s->start[i + 1] += s->start[i];
	}
	for (size_t i = 0; i < n; i++)
		sorted[next[s->number[i]]++] = v[i];
	memcpy(v, sorted, n * sizeof *v);
	free(sorted);
	free(next);
}

/* Return the runs of command I. */
static struct runs runs_of(const struct sorted *s, size_t i)
{
	size_t n = s->start[i + 1] - s->start[i];
	return (struct runs){.v = n > 0 ? s->runs->v + s->start[i] : NULL, .n = n};
}

static void add_command(struct commands *c, const struct compare_threshold *threshold,
    struct runs base, struct runs new)
{
	struct command *command = &c->v[c->n];
	struct buf *text = &c->text[c->n++];
	*text = (struct buf){0};
	report_command(&base.v[0], text);
	*command = (struct command){
	    .text = {text->n > 0 ? text->p : "", text->n}, .base = base, .new = new};
	compare_make(
	    &command->compare, threshold, &command->base, c->has_new ? &command->new : NULL);
}

/* Return the median peak of a command in KiB. */
static int64_t median_of(const struct command *command)
{
	return command->compare.total.side[COMPARE_BASE].median;
}

static void find_least(struct commands *c)
{
	c->least = &c->v[0];
	for (size_t i = 1; i < c->n; i++)
		if (median_of(&c->v[i]) < median_of(c->least))
			c->least = &c->v[i];
	double least = (double)median_of(c->least);
	for (size_t i = 0; i < c->n && least > 0; i++)
		c->v[i].ratio = (double)median_of(&c->v[i]) / least;
}

/* Add the commands of one set, or those that both sets have. */
static void add_commands(struct commands *c, const struct compare_threshold *threshold,
    const struct sorted *base, const struct sorted *new, size_t commands)
{
	for (size_t i = 0; i < commands; i++) {
		struct runs old = runs_of(base, i), later = runs_of(new, i);
		if (old.n == 0)
			c->new_only++;
		else if (c->has_new && later.n == 0)
			c->base_only++;
		else
			add_command(c, threshold, old, later);
	}
}

void commands_make(struct commands *c, const struct compare_threshold *threshold, struct runs *base,
    struct runs *new)
{
	struct intern names = {0};
	struct sorted old, later;
	number_runs(&old, base, &names);
	number_runs(&later, new, &names);
	sort_runs(&old, names.n);
	sort_runs(&later, names.n);
	*c = (struct commands){.has_new = new != NULL};
	c->v = alloc_resize(NULL, names.n, sizeof *c->v);
	c->text = alloc_resize(NULL, names.n, sizeof *c->text);
	add_commands(c, threshold, &old, &later, names.n);
	c->different = new != NULL && c->n == 0;
	if (new != NULL && c->different) {
		c->base_only = c->new_only = 0;
		add_command(c, threshold, (struct runs){.v = base->v, .n = base->n},
		    (struct runs){.v = new->v, .n = new->n});
	}
	find_least(c);
	free(old.number);
	free(old.start);
	free(later.number);
	free(later.start);
	intern_free(&names);
}

void commands_free(struct commands *c)
{
	for (size_t i = 0; i < c->n; i++) {
		compare_free(&c->v[i].compare);
		buf_free(&c->text[i]);
	}
	free(c->v);
	free(c->text);
}
