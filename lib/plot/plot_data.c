/* SPDX-License-Identifier: MIT */
/*
 * From samples to the data of a picture: writing.
 *
 *	$course << END          a line for each part of the time: time, total, bound, 0,
 *	0.5 2.9 2.9 0 1.9 2.9   then the upper edge of each area, then the footprint if there
 *	END                     was swap; an empty line where there were no ticks
 *	$words << END           title, units of both axes, label of the peak, label of the
 *	=make all               limit, then the name of each area, then that of the footprint
 *	END
 *	$colours << END         the colour of each area
 *	#77aadd
 *	END
 *	areas = 2               and further numbers
 *
 * Every word begins with `=`, so none can end its block.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/minmax.h"
#include "plot/plot_gaps.h"
#include "plot/plot_internal.h"
#include "stream/escape.h"

#define TITLE_WIDTH 90
#define ROOT_WIDTH 60
#define AREA_WIDTH 24
#define TITLE_REST 4   /* columns of a chart of characters that are not the title's, */
#define ROOT_REST 18   /* with the process ID, */
#define AREA_REST 18   /* and with a size */
#define LIMIT_FACTOR 4 /* a limit this many times as high as all else is not drawn */

struct drawing {
	const struct plot *p;
	const struct report_row *total;
	const struct report_rows *spans;
	const struct report_row *area; /* the rows of the largest groups or processes */
	size_t areas, others;	       /* others: how many rows are in the last area */
	size_t *area_of_name;	       /* by number of the name; areas: others */
	const char *unit, *time_unit;
	double kib_per_unit, us_per_unit, length_us, highest_kib;
	uint64_t footprint_kib; /* the largest, if there was swap; else 0 */
	int64_t start_us;
	int64_t gap_us; /* ticks that are farther apart are not joined */
};

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* ---- areas */

/* Set area_of_name: compare every name with those of the areas. */
static void match_names(struct drawing *d)
{
	const struct intern *names = &d->p->holdings.names;
	d->area_of_name = alloc_resize(NULL, names->n + 1, sizeof *d->area_of_name);
	for (size_t i = 0; i < names->n; i++) {
		struct buf name = {0};
		size_t area = 0;
		escape_decode(&name, names->v[i].text, names->v[i].len);
		while (area < d->areas &&
		       !slice_equal(d->area[area].name, (struct slice){name.p, name.n}))
			area++;
		d->area_of_name[i] = area;
		buf_free(&name);
	}
}

static void choose_areas(struct drawing *d)
{
	enum plot_scope scope = d->p->options.scope;
	if (scope == PLOT_TOTAL)
		return;
	const struct report_rows *rows =
	    &d->p->report.rows[scope == PLOT_PROCESSES ? REPORT_PROCESS : REPORT_GROUP];
	size_t n = 0;
	while (n < rows->n && rows->v[n].rss_kib.value > 0) /* the largest are first */
		n++;
	d->area = rows->v;
	d->areas = n < d->p->options.number ? n : d->p->options.number;
	d->others = n - d->areas;
	if (scope == PLOT_GROUPS)
		match_names(d);
}

/* Return the area of what KEY held at TIME_US, or the number of areas if it is one of the others.
 */
static size_t area_at(const struct drawing *d, uint32_t key, int64_t time_us)
{
	if (d->p->options.scope == PLOT_GROUPS)
		return d->area_of_name[key];
	size_t i = 0;
	while (
	    i < d->areas && (d->area[i].pid.value != key || d->area[i].first_us.value > time_us ||
				d->area[i].last_us.value < time_us))
		i++;
	return i;
}

/* ---- the course */

/* Add up in KIB, of areas + 1 elements, what each area held at tick T. */
static void add_holdings(const struct drawing *d, const struct holdings_tick *t, double *kib)
{
	for (size_t i = 0; i <= d->areas; i++)
		kib[i] = 0;
	kib[d->areas] = (double)t->rss_kib;
	for (size_t i = 0; i < t->n && d->areas > 0; i++) {
		size_t area = area_at(d, t->v[i].key, t->time_us);
		if (area == d->areas)
			continue;
		kib[area] += (double)t->v[i].rss_kib;
		kib[d->areas] -= (double)t->v[i].rss_kib;
	}
}

/* The figures of a line of the course. */
struct point {
	const struct report_row *span;
	double *kib; /* of each area */
	uint64_t footprint_kib;
};

/* Write the footprint. In a chart of characters, there is none without swap: it would hide the top
 * of the areas. */
static void put_footprint(const struct drawing *d, struct buf *out, const struct point *point)
{
	double kib = (double)point->footprint_kib, rss_kib = (double)point->span->rss_kib.value;
	if (d->p->options.columns > 0 && kib <= rss_kib)
		buf_str(out, "\tNaN");
	else
		buf_printf(out, "\t%.6g", larger(kib, rss_kib) / d->kib_per_unit);
}

static void put_point(
    const struct drawing *d, struct buf *out, int64_t time_us, const struct point *point)
{
	const struct report_row *span = point->span;
	double edge = 0;
	buf_printf(out, "%.6f\t%.6g\t%.6g\t0", (double)(time_us - d->start_us) / d->us_per_unit,
	    (double)span->rss_kib.value / d->kib_per_unit,
	    (double)span->bound_kib.value / d->kib_per_unit);
	for (size_t i = 0; i < d->areas + (d->others > 0); i++)
		buf_printf(out, "\t%.6g", (edge += point->kib[i]) / d->kib_per_unit);
	if (d->p->options.scope == PLOT_TOTAL)
		buf_printf(out, "\t%.6g", (double)span->rss_kib.value / d->kib_per_unit);
	if (d->footprint_kib > 0)
		put_footprint(d, out, point);
	buf_char(out, '\n');
}

/* Return the largest tick in SPAN, which begins in window *NEXT or later; an empty one if there is
 * none. */
static const struct holdings_tick *find_tick(
    const struct drawing *d, const struct report_row *span, size_t *next)
{
	static const struct holdings_tick none;
	const struct holdings_tick *found = &none, *t;
	for (; (t = holdings_get(&d->p->holdings, *next)) != NULL &&
	       t->time_us <= span->last_us.value;
	     ++*next)
		if (t->time_us >= span->first_us.value &&
		    (found == &none || t->rss_kib > found->rss_kib))
			found = t;
	return found;
}

/* Write span I. In a chart of characters every column needs a point, STEP apart; a picture has
 * STEP 0. A span that is joined with no other has a width, or it would not be seen. */
static void put_span(
    const struct drawing *d, struct buf *out, size_t i, int64_t step, const struct point *point)
{
	int64_t at = point->span->time_us.value, until = point->span->last_us.value;
	bool joined = plot_gaps_joined(d->spans, d->gap_us, i);
	put_point(d, out, at, point);
	if (joined)
		until = d->spans->v[i + 1].time_us.value;
	else if (i == 0 || !plot_gaps_joined(d->spans, d->gap_us, i - 1))
		until =
		    max_i64(until, at + (int64_t)(d->length_us / (d->spans->n == 1 ? 20 : 200)));
	if (!joined && step == 0 && until > at)
		put_point(d, out, until, point);
	while (step > 0 && (at += step) < until)
		put_point(d, out, at, point);
	if (!joined && i + 1 < d->spans->n)
		buf_char(out, '\n');
}

static void put_course(const struct drawing *d, struct buf *out)
{
	struct point point = {.kib = alloc_resize(NULL, d->areas + 1, sizeof *point.kib)};
	int64_t step =
	    d->p->options.columns > 0 ? (int64_t)(d->length_us / (double)d->p->options.columns) : 0;
	size_t window = 0;
	buf_str(out, "$course << END\n");
	for (size_t i = 0; i < d->spans->n; i++) {
		point.span = &d->spans->v[i];
		const struct holdings_tick *tick = find_tick(d, point.span, &window);
		point.footprint_kib = tick->footprint_kib;
		add_holdings(d, tick, point.kib);
		put_span(d, out, i, step, &point);
	}
	buf_str(out, "END\n");
	free(point.kib);
}

/* ---- axes */

static void choose_time_unit(struct drawing *d)
{
	static const struct {
		const char *name;
		double seconds, up_to;
	} units[] = {
	    {"seconds", 1, 300},
	    {"minutes", 60, 3 * 3600},
	    {"hours", 3600, 4 * 86400},
	    {"days", 86400, 0},
	};
	size_t i = 0;
	int64_t first_us = d->spans->v[0].first_us.value,
		last_us = d->spans->v[d->spans->n - 1].last_us.value;
	d->start_us = d->p->started_us != PLOT_UNKNOWN && d->p->started_us < first_us
			  ? d->p->started_us
			  : first_us;
	d->length_us = last_us > d->start_us ? (double)(last_us - d->start_us) : 1e6;
	while (units[i].up_to > 0 && d->length_us > units[i].up_to * 1e6)
		i++;
	d->time_unit = units[i].name;
	d->us_per_unit = units[i].seconds * 1e6;
}

/* Set the largest footprint, if there was swap. */
static void choose_footprint(struct drawing *d)
{
	const struct holdings_tick *t;
	for (size_t i = 0; d->p->has_swap && (t = holdings_get(&d->p->holdings, i)) != NULL; i++)
		d->footprint_kib = max_u64(d->footprint_kib, t->footprint_kib);
}

static void choose_unit(struct drawing *d)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	double limit_kib = (double)d->p->limit_kib;
	size_t i = 0;
	d->highest_kib = (double)d->total->rss_kib.value;
	for (size_t j = 0; d->p->has_marks && j < d->spans->n; j++)
		d->highest_kib = larger(d->highest_kib, (double)d->spans->v[j].bound_kib.value);
	if (limit_kib > d->highest_kib && limit_kib < LIMIT_FACTOR * d->highest_kib)
		d->highest_kib = limit_kib;
	d->highest_kib = larger(d->highest_kib, (double)d->footprint_kib);
	for (d->kib_per_unit = 1; d->highest_kib >= 1024 * d->kib_per_unit && i < 3; i++)
		d->kib_per_unit *= 1024;
	d->unit = units[i];
}

/* ---- words and numbers */

static void put_size(struct buf *out, int64_t kib)
{
	char text[FORMAT_SIZE];
	buf_str(out, format_size(text, kib > 0 ? (uint64_t)kib : 0));
}

/* Return WIDTH, or what a chart of characters has less COLUMNS. */
static size_t width_within(const struct drawing *d, size_t width, size_t columns)
{
	size_t all = d->p->options.columns, least = 6;
	size_t rest = all > columns + least ? all - columns : least;
	return all == 0 || rest > width ? width : rest;
}

static void put_title(const struct drawing *d, struct buf *out)
{
	const struct plot *p = d->p;
	size_t width = width_within(d, TITLE_WIDTH, TITLE_REST);
	buf_char(out, '=');
	if (p->options.title != NULL) {
		format_name(out, slice_of(p->options.title), width, 0);
	} else if (p->command.n > 0) {
		format_name(out, (struct slice){p->command.p, p->command.n}, width, 0);
	} else {
		format_name(out, d->total->name, width_within(d, ROOT_WIDTH, ROOT_REST), 0);
		buf_printf(out, " (PID %lld)", (long long)d->total->pid.value);
	}
	buf_char(out, '\n');
}

static void put_peak(const struct drawing *d, struct buf *out)
{
	buf_str(out, "=peak ");
	put_size(out, d->total->rss_kib.value);
	if (d->total->time_us.known) {
		buf_str(out, " after ");
		format_duration(out, d->total->time_us.value - d->start_us);
	}
	buf_char(out, '\n');
}

static void put_area_name(const struct drawing *d, struct buf *out, const struct report_row *row)
{
	buf_char(out, '=');
	if (row->name.n > 0)
		format_name(out, row->name, width_within(d, AREA_WIDTH, AREA_REST), 0);
	else
		buf_str(out, "(no name)");
	if (d->p->options.scope == PLOT_PROCESSES)
		buf_printf(out, " %lld", (long long)row->pid.value);
	buf_str(out, "  ");
	put_size(out, row->rss_kib.value);
	buf_char(out, '\n');
}

static void put_words(const struct drawing *d, struct buf *out)
{
	buf_str(out, "$words << END\n");
	put_title(d, out);
	buf_printf(out, "=%s\n=%s\n", d->time_unit, d->unit);
	put_peak(d, out);
	buf_str(out, "=limit ");
	put_size(out, (int64_t)d->p->limit_kib);
	buf_char(out, '\n');
	for (size_t i = 0; i < d->areas; i++)
		put_area_name(d, out, &d->area[i]);
	if (d->others > 0)
		buf_printf(out, "=%zu other%s\n", d->others, d->others == 1 ? "" : "s");
	if (d->p->options.scope == PLOT_TOTAL)
		buf_str(out, "=total\n");
	buf_str(out, "=with swap  ");
	put_size(out, (int64_t)d->footprint_kib);
	buf_char(out, '\n');
	buf_str(out, "END\n");
}

/* Write the colours, which colour-blind readers can distinguish (after Paul Tol). The others are
 * grey, with some blue because gnuplot's dumb terminal shows a pure grey as another colour. */
static void put_colours(const struct drawing *d, struct buf *out)
{
	static const char *const colours[] = {
	    "77aadd", "ee8866", "44bb99", "eedd88", "ffaabb", "99ddff", "bbcc33", "aaaa00", //
	    "4477aa", "cc6677", "228833", "ddcc77", "ee99aa", "66ccee", "999933", "888855", //
	    "aabbdd", "ddaa99", "99ccbb", "eeddbb", "ddbbcc", "bbddee", "ccdd99", "bbbb77", //
	};
	buf_str(out, "$colours << END\n");
	for (size_t i = 0; i < d->areas; i++)
		buf_printf(out, "#%s\n", colours[i % (sizeof colours / sizeof *colours)]);
	if (d->p->options.scope == PLOT_TOTAL)
		buf_str(out, "#99bbdd\n");
	buf_str(out, "#d4d4dc\n"); /* also without an area: gnuplot evaluates the first colour */
	buf_str(out, "END\n");
}

/* Return the time of the point in the course that shows the peak. */
static int64_t peak_point_us(const struct drawing *d)
{
	const struct report_number *time_us = &d->total->time_us;
	for (size_t i = 0; i < d->spans->n; i++) {
		const struct report_row *s = &d->spans->v[i];
		if (time_us->known
			? time_us->value >= s->first_us.value && time_us->value <= s->last_us.value
			: s->rss_kib.value == d->total->rss_kib.value)
			return s->time_us.value;
	}
	return d->start_us;
}

static void put_numbers(const struct drawing *d, struct buf *out)
{
	double highest = d->highest_kib > 0 ? d->highest_kib / d->kib_per_unit : 1;
	buf_printf(out, "areas = %zu\nbounded = %d\nswapped = %d\n",
	    d->areas + (d->others > 0) + (d->p->options.scope == PLOT_TOTAL), d->p->has_marks,
	    d->footprint_kib > 0);
	buf_printf(out, "limit = %.6g\nhighest = %.6g\n", (double)d->p->limit_kib / d->kib_per_unit,
	    highest);
	buf_printf(out, "length = %.9g\n", d->length_us / d->us_per_unit);
	buf_printf(out, "peak = %.6g\npeak_time = %.9g\n",
	    (double)d->total->rss_kib.value / d->kib_per_unit,
	    (double)(peak_point_us(d) - d->start_us) / d->us_per_unit);
}

void plot_data(const struct plot *p, struct buf *out)
{
	struct drawing d = {
	    .p = p, .total = report_total(&p->report), .spans = &p->report.rows[REPORT_SPAN]};
	choose_areas(&d);
	choose_time_unit(&d);
	d.gap_us = plot_gaps_least_us(d.spans);
	choose_footprint(&d);
	choose_unit(&d);
	put_course(&d, out);
	put_words(&d, out);
	put_colours(&d, out);
	put_numbers(&d, out);
	free(d.area_of_name);
}
