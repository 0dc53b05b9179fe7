/* SPDX-License-Identifier: MIT */
/* Steady growth in samples. */
#include "leak/leak.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/intern.h"
#include "base/pidmap.h"
#include "base/slice.h"
#include "base/utf8.h"
#include "leak/minima.h"

/* A tree or a process over time. */
struct series {
	struct minima minima;
	pid_t pid;	   /* of a tree: of its first process; 0: no tree */
	struct buf name;   /* its last name */
	uint64_t tick;	   /* the last tick that it was in */
};

/* A verdict to be written. */
struct row {
	bool is_tree;
	pid_t pid;
	uint32_t name; /* number in names */
	struct trend trend;
};

struct leak {
	struct trend_window window;
	bool all;
	struct series *process; /* of the last tick */
	size_t processes, processes_cap;
	struct pidmap index; /* of process */
	struct intern names; /* of the rows */
	struct series tree;

	/* the present tick */
	uint64_t tick; /* its number; 0 before the first */
	int64_t time_us;
	uint64_t sum_kib;
	size_t known;	 /* rows whose memory is known */
	size_t continued; /* processes that were in the previous tick too */

	struct row *row;
	size_t rows, rows_cap;
	struct leak_count count;
};

struct leak *leak_new(const struct trend_window *window, bool all)
{
	struct leak *l = alloc_resize(NULL, 1, sizeof *l);
	*l = (struct leak){.window = *window, .all = all};
	return l;
}

static void free_series(struct series *s)
{
	minima_free(&s->minima);
	buf_free(&s->name);
	*s = (struct series){0};
}

static void set_name(struct series *s, struct slice name)
{
	s->name.n = 0;
	buf_put(&s->name, name.p, name.n);
}

static struct slice name_of(const struct series *s)
{
	return s->name.n > 0 ? (struct slice){s->name.p, s->name.n} : (struct slice){"", 0};
}

void leak_free(struct leak *l)
{
	for (size_t i = 0; i < l->processes; i++)
		free_series(&l->process[i]);
	free_series(&l->tree);
	free(l->process);
	free(l->row);
	pidmap_free(&l->index);
	intern_free(&l->names);
	free(l);
}

static void add_row(struct leak *l, const struct row *r)
{
	l->row = alloc_grow(l->row, &l->rows_cap, l->rows + 1, sizeof *l->row);
	l->row[l->rows++] = *r;
}

/* Judge S and free it. Only the verdict is kept. */
static void end_series(struct leak *l, struct series *s)
{
	struct row r = {.is_tree = s == &l->tree, .pid = s->pid};
	r.trend = trend_judge(&s->minima, &l->window);
	l->count.series++;
	l->count.leaks += r.trend.verdict == TREND_LEAK;
	l->count.too_short += r.trend.verdict == TREND_SHORT;
	if (l->all || r.trend.verdict == TREND_LEAK) {
		r.name = intern_number(&l->names, name_of(s));
		add_row(l, &r);
	}
	free_series(s);
}

static void end_tree(struct leak *l)
{
	if (l->tree.pid != 0)
		end_series(l, &l->tree);
}

/* End the processes that are not in tick TICK. */
static void end_exited(struct leak *l, uint64_t tick)
{
	for (size_t i = 0; i < l->processes;) {
		struct series *s = &l->process[i];
		if (s->tick == tick) {
			i++;
			continue;
		}
		pidmap_remove(&l->index, s->pid);
		end_series(l, s);
		*s = l->process[--l->processes];
		if (i < l->processes)
			pidmap_set(&l->index, s->pid, (uint32_t)i);
	}
}

static void end_tick(struct leak *l)
{
	if (l->processes == 0)
		return;
	end_exited(l, l->tick);
	if (l->continued == 0)
		end_tree(l);
	if (l->tree.pid == 0 && l->processes > 0) {
		l->tree.pid = l->process[0].pid;
		set_name(&l->tree, name_of(&l->process[0]));
	}
	if (l->known > 0)
		minima_add(&l->tree.minima, l->time_us, l->sum_kib);
}

static void end_all(struct leak *l)
{
	end_tick(l);
	end_tree(l);
	end_exited(l, 0);
}

void leak_begin_tick(struct leak *l, int64_t time_us)
{
	if (time_us < l->time_us)
		end_all(l);
	else
		end_tick(l);
	l->tick++;
	l->time_us = time_us;
	l->sum_kib = 0;
	l->known = l->continued = 0;
}

static struct series *add_process(struct leak *l, pid_t pid)
{
	l->process =
	    alloc_grow(l->process, &l->processes_cap, l->processes + 1, sizeof *l->process);
	pidmap_set(&l->index, pid, (uint32_t)l->processes);
	struct series *s = &l->process[l->processes++];
	*s = (struct series){.pid = pid};
	return s;
}

const char *leak_add(struct leak *l, const struct leak_sample *sample)
{
	uint32_t i = pidmap_get(&l->index, sample->pid);
	struct series *s = i != PIDMAP_NONE ? &l->process[i] : add_process(l, sample->pid);
	if (s->tick == l->tick)
		return "the same process twice in a tick";
	l->continued += s->tick != 0;
	s->tick = l->tick;
	set_name(s, sample->name);
	if (sample->pid == l->tree.pid)
		set_name(&l->tree, sample->name);
	if (!sample->known)
		return NULL;
	minima_add(&s->minima, l->time_us, sample->held_kib);
	l->sum_kib += sample->held_kib;
	l->known++;
	return NULL;
}

/* Compare two rows for qsort: trees first, then the steepest, then the judged, then by PID. */
static int by_slope(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int x_short = x->trend.verdict == TREND_SHORT, y_short = y->trend.verdict == TREND_SHORT;
	if (x->is_tree != y->is_tree)
		return y->is_tree - x->is_tree;
	if (x_short != y_short)
		return x_short - y_short;
	if (!x_short && x->trend.kib_per_minute != y->trend.kib_per_minute)
		return x->trend.kib_per_minute < y->trend.kib_per_minute ? 1 : -1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

struct leak_count leak_end(struct leak *l)
{
	end_all(l);
	if (l->rows > 0)
		qsort(l->row, l->rows, sizeof *l->row, by_slope);
	return l->count;
}

/* Append V with two decimals. Zero has no sign. */
static void put_number(struct buf *out, double v)
{
	buf_printf(out, "\t%.2f", v > -0.005 && v < 0.005 ? 0 : v);
}

void leak_write_table(const struct leak *l, struct buf *out)
{
	buf_str(out, "scope\tname\tpid\tseconds\tkib_per_minute\tlow_kib_per_minute\t"
		     "high_kib_per_minute\tgrowth_kib\tsure_percent\tverdict\n");
	for (size_t i = 0; i < l->rows; i++) {
		const struct row *r = &l->row[i];
		const struct trend *t = &r->trend;
		buf_printf(out, "%s\t%s\t%ld\t%.3f", r->is_tree ? "total" : "process",
		    l->names.v[r->name].text, (long)r->pid, t->seconds);
		if (t->verdict == TREND_SHORT) {
			buf_str(out, "\t\t\t\t\t");
		} else {
			put_number(out, t->kib_per_minute);
			put_number(out, t->low_kib_per_minute);
			put_number(out, t->high_kib_per_minute);
			buf_printf(out, "\t%.0f\t%.1f", t->growth_kib, t->sure_percent);
		}
		buf_printf(out, "\t%s\n", trend_names[t->verdict]);
	}
}

static void put_size(struct buf *out, double kib)
{
	char text[FORMAT_SIZE];
	buf_str(out, format_size(text, (uint64_t)(kib > 0 ? kib + 0.5 : 0)));
}

static void put_rate(struct buf *out, const char *verb, double kib_per_minute, double confidence)
{
	buf_str(out, verb);
	put_size(out, kib_per_minute);
	buf_printf(out, " per minute (confidence %.1f %%)", confidence);
}

static void put_verdict(struct buf *out, const struct trend *t)
{
	switch (t->verdict) {
	case TREND_LEAK:
		put_rate(out, "grows by ", t->kib_per_minute, t->sure_percent);
		buf_str(out, ": ");
		put_size(out, t->kib_per_minute * 60);
		buf_str(out, " more in an hour");
		break;
	case TREND_SMALL:
		buf_str(out, "grew steadily by ");
		put_size(out, t->growth_kib);
		buf_str(out, ", less than the least growth of a leak");
		break;
	case TREND_RAMP:
		buf_str(out, "grew by ");
		put_size(out, t->growth_kib);
		buf_str(out, ", but the growth has ended or is slowing down");
		break;
	case TREND_STEADY:
		buf_str(out, "does not change");
		break;
	case TREND_UNEVEN:
		buf_str(out, "goes up and down");
		break;
	case TREND_SHRINKING:
		put_rate(out, "shrinks by ", -t->kib_per_minute, t->sure_percent);
		break;
	default:
		buf_printf(out, "has too few samples to judge: %.1f s", t->seconds);
		break;
	}
}

void leak_write_text(const struct leak *l, struct buf *out)
{
	for (size_t i = 0; i < l->rows; i++) {
		const struct row *r = &l->row[i];
		const struct intern_entry *name = &l->names.v[r->name];
		buf_str(out, r->is_tree ? "total (" : "");
		utf8_visible(out, name->len > 0 ? name->text : "-", name->len > 0 ? name->len : 1);
		buf_printf(out, r->is_tree ? ", %ld) " : " (%ld) ", (long)r->pid);
		put_verdict(out, &r->trend);
		buf_char(out, '\n');
	}
	if (l->count.leaks == 0 && l->count.too_short < l->count.series)
		buf_str(out, "no steady growth\n");
}
