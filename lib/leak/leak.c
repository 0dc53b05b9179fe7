/* From samples to those that grow steadily. */
#include "leak/leak.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/intern.h"
#include "base/pidmap.h"
#include "base/slice.h"
#include "base/utf8.h"
#include "leak/minima.h"

/* The whole, or a process. */
struct series {
	struct minima course;
	pid_t pid;
	struct buf name; /* the last it had */
	uint64_t tick;	 /* the last it was in */
};

struct row {
	int whole;
	pid_t pid;
	uint32_t name; /* as in names */
	struct trend trend;
};

struct leak {
	struct trend_window window;
	int all;
	struct series *process; /* those of the last tick */
	size_t processes, processes_cap;
	struct pidmap live; /* to their index */
	struct intern names; /* of the rows */

	struct series whole; /* pid 0: none */
	uint64_t tick;	     /* of the present; 0 before the first */
	int64_t time_us;
	uint64_t sum_kib; /* of the present tick */
	size_t known, stayed;

	struct row *row;
	size_t rows, rows_cap;
	struct leak_count count;
};

struct leak *leak_new(const struct trend_window *w, int all)
{
	struct leak *k = alloc_resize(NULL, 1, sizeof *k);
	*k = (struct leak){.window = *w, .all = all};
	return k;
}

static void free_series(struct series *s)
{
	minima_free(&s->course);
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

void leak_free(struct leak *k)
{
	for (size_t i = 0; i < k->processes; i++)
		free_series(&k->process[i]);
	free_series(&k->whole);
	free(k->process);
	free(k->row);
	pidmap_free(&k->live);
	intern_free(&k->names);
	free(k);
}

static void add_row(struct leak *k, const struct row *r)
{
	k->row = alloc_grow(k->row, &k->rows_cap, k->rows + 1, sizeof *k->row);
	k->row[k->rows++] = *r;
}

/* S has ended: what remains of it is the judgement. */
static void end_series(struct leak *k, struct series *s)
{
	struct row r = {.whole = s == &k->whole, .pid = s->pid};
	r.trend = trend_judge(&s->course, &k->window);
	k->count.series++;
	k->count.leaks += r.trend.verdict == TREND_LEAK;
	k->count.too_short += r.trend.verdict == TREND_SHORT;
	if (k->all || r.trend.verdict == TREND_LEAK) {
		r.name = intern_number(&k->names, name_of(s));
		add_row(k, &r);
	}
	free_series(s);
}

static void end_whole(struct leak *k)
{
	if (k->whole.pid != 0)
		end_series(k, &k->whole);
}

/* Those that are not in tick TICK have ended. */
static void end_others(struct leak *k, uint64_t tick)
{
	for (size_t i = 0; i < k->processes;) {
		struct series *s = &k->process[i];
		if (s->tick == tick) {
			i++;
			continue;
		}
		pidmap_remove(&k->live, s->pid);
		end_series(k, s);
		*s = k->process[--k->processes];
		if (i < k->processes)
			pidmap_set(&k->live, s->pid, (uint32_t)i);
	}
}

static void close_tick(struct leak *k)
{
	if (k->processes == 0)
		return;
	end_others(k, k->tick);
	if (k->stayed == 0)
		end_whole(k);
	if (k->whole.pid == 0 && k->processes > 0) {
		k->whole.pid = k->process[0].pid;
		set_name(&k->whole, name_of(&k->process[0]));
	}
	if (k->known > 0)
		minima_add(&k->whole.course, k->time_us, k->sum_kib);
}

static void end_all(struct leak *k)
{
	close_tick(k);
	end_whole(k);
	end_others(k, 0);
}

void leak_tick(struct leak *k, int64_t time_us)
{
	if (time_us < k->time_us)
		end_all(k);
	else
		close_tick(k);
	k->tick++;
	k->time_us = time_us;
	k->sum_kib = 0;
	k->known = k->stayed = 0;
}

static struct series *add_process(struct leak *k, pid_t pid)
{
	k->process = alloc_grow(k->process, &k->processes_cap, k->processes + 1, sizeof *k->process);
	pidmap_set(&k->live, pid, (uint32_t)k->processes);
	struct series *s = &k->process[k->processes++];
	*s = (struct series){.pid = pid};
	return s;
}

const char *leak_sample(struct leak *k, const struct leak_sample *r)
{
	uint32_t i = pidmap_get(&k->live, r->pid);
	struct series *s = i != PIDMAP_NONE ? &k->process[i] : add_process(k, r->pid);
	if (s->tick == k->tick)
		return "the same process twice in a tick";
	k->stayed += s->tick != 0;
	s->tick = k->tick;
	set_name(s, r->name);
	if (r->pid == k->whole.pid)
		set_name(&k->whole, r->name);
	if (!r->known)
		return NULL;
	minima_add(&s->course, k->time_us, r->held_kib);
	k->sum_kib += r->held_kib;
	k->known++;
	return NULL;
}

static int by_slope(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int x_short = x->trend.verdict == TREND_SHORT, y_short = y->trend.verdict == TREND_SHORT;
	if (x->whole != y->whole)
		return y->whole - x->whole;
	if (x_short != y_short)
		return x_short - y_short;
	if (!x_short && x->trend.kib_per_minute != y->trend.kib_per_minute)
		return x->trend.kib_per_minute < y->trend.kib_per_minute ? 1 : -1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

struct leak_count leak_end(struct leak *k)
{
	end_all(k);
	if (k->rows > 0)
		qsort(k->row, k->rows, sizeof *k->row, by_slope);
	return k->count;
}

/* With two decimals, and no minus before zero. */
static void put_number(struct buf *out, double v)
{
	buf_printf(out, "\t%.2f", v > -0.005 && v < 0.005 ? 0 : v);
}

void leak_write_table(const struct leak *k, struct buf *out)
{
	buf_str(out, "scope\tname\tpid\tseconds\tkib_per_minute\tlow_kib_per_minute\t"
		     "high_kib_per_minute\tgrowth_kib\tsure_percent\tverdict\n");
	for (size_t i = 0; i < k->rows; i++) {
		const struct row *r = &k->row[i];
		const struct trend *t = &r->trend;
		buf_printf(out, "%s\t%s\t%ld\t%.3f", r->whole ? "total" : "process",
		    k->names.v[r->name].text, (long)r->pid, t->seconds);
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

static void put_rate(struct buf *out, const char *verb, double kib_per_minute, double sure)
{
	buf_str(out, verb);
	put_size(out, kib_per_minute);
	buf_printf(out, " per minute (sure to %.1f %%)", sure);
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
	case TREND_RAMP:
		buf_str(out, "grew by ");
		put_size(out, t->growth_kib);
		buf_str(out, ", but that has ended or slows down");
		break;
	case TREND_STEADY:
		buf_str(out, "stays as it is");
		break;
	case TREND_UNEVEN:
		buf_str(out, "goes up and down");
		break;
	case TREND_SHRINKING:
		put_rate(out, "shrinks by ", -t->kib_per_minute, t->sure_percent);
		break;
	default:
		buf_printf(out, "is too short to tell: %.1f s to judge", t->seconds);
		break;
	}
}

void leak_write_text(const struct leak *k, struct buf *out)
{
	for (size_t i = 0; i < k->rows; i++) {
		const struct row *r = &k->row[i];
		const struct intern_entry *name = &k->names.v[r->name];
		buf_str(out, r->whole ? "the whole (" : "");
		utf8_visible(out, name->len > 0 ? name->text : "-", name->len > 0 ? name->len : 1);
		buf_printf(out, r->whole ? ", %ld) " : " (%ld) ", (long)r->pid);
		put_verdict(out, &r->trend);
		buf_char(out, '\n');
	}
	if (k->count.leaks == 0 && k->count.too_short < k->count.series)
		buf_str(out, "nothing grows steadily\n");
}
