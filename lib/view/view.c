/* SPDX-License-Identifier: MIT */
/* From samples to a page or a trace: reading. */
#include "view/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "stream/escape.h"
#include "view/view_internal.h"

/* A page is at most about 2 MB: a sample takes up to 7 bytes, a process about 200. */
#define TICKS 2400
#define ROWS 200000
#define PROCESSES 3000
#define SPANS 1200

struct view *view_new(void)
{
	struct view *v = alloc_resize(NULL, 1, sizeof *v);
	*v = (struct view){0};
	v->samples.peak = peak_new(&(struct peak_options){
	    .metrics = &v->samples.metrics, .processes = PROCESSES, .spans = SPANS});
	v->thin = thin_new(&(struct thin_options){.ticks = TICKS, .rows = ROWS});
	report_init(&v->report);
	return v;
}

void view_take(struct view *v, struct samples *s, enum samples_event event)
{
	bool begins = v->samples.tick_pending;
	if (!peak_samples_take(&v->samples, s, event) || event == SAMPLES_TICK)
		return;
	if (event == SAMPLES_HEADER)
		v->has_marks |= samples_has_bounds(s);
	if (event == SAMPLES_ROW && begins)
		thin_take(v->thin, s, SAMPLES_TICK);
	thin_take(v->thin, s, event);
}

/* ---- ticks */

int64_t view_since(const struct view *v, int64_t us)
{
	return max_i64(us - v->start_us, 0);
}

/* Return the bound of the span that has TIME_US. *NEXT is the span to begin with. */
static uint64_t bound_at(const struct view *v, int64_t time_us, size_t *next)
{
	const struct report_rows *spans = &v->report.rows[REPORT_SPAN];
	while (*next + 1 < spans->n && spans->v[*next].last_us.value < time_us)
		++*next;
	return *next < spans->n ? (uint64_t)spans->v[*next].bound_kib.value : 0;
}

/* Times that run backwards, as in logs that are joined, stay the same. */
static void add_tick(struct view *v, const struct thin_tick *t, size_t *span)
{
	struct view_tick *tick = &v->tick[v->ticks];
	int64_t before_us = v->ticks > 0 ? tick[-1].time_us : 0;
	*tick = (struct view_tick){
	    .time_us = max_i64(view_since(v, t->time_us), before_us),
	    .rss_kib = t->rss_kib,
	    .peak_kib = t->peak_kib,
	    .bound_kib = max_u64(bound_at(v, t->time_us, span), t->peak_kib),
	    .starts = t->starts,
	};
	v->ticks++;
}

/* ---- groups */

/* Return the stack of the group with the FIELD comm. */
static uint32_t find_stack(struct view *v, struct slice field)
{
	size_t known = v->names.n;
	uint32_t number = intern_number(&v->names, field);
	if (v->names.n == known)
		return v->stack_of[number];
	struct buf name = {0};
	const struct report_rows *groups = &v->report.rows[REPORT_GROUP];
	uint32_t i = 0;
	escape_decode(&name, field.p, field.n);
	while (i < v->stacks && !slice_equal(groups->v[i].name, (struct slice){name.p, name.n}))
		i++;
	buf_free(&name);
	v->stack_of = alloc_grow(v->stack_of, &v->stack_of_cap, v->names.n, sizeof *v->stack_of);
	return v->stack_of[number] = i;
}

static void make_stacks(struct view *v, size_t ticks)
{
	const struct report_rows *groups = &v->report.rows[REPORT_GROUP];
	v->stacks = groups->n < VIEW_STACKS ? groups->n : VIEW_STACKS;
	for (size_t i = 0; i <= v->stacks; i++) {
		v->stack[i] = alloc_resize(NULL, ticks, sizeof(uint64_t));
		memset(v->stack[i], 0, ticks * sizeof(uint64_t));
	}
}

/* ---- processes */

static int64_t pid_of(const struct view *v, uint32_t lane)
{
	return v->lane[lane].row->pid.value;
}

/* A lane and its PID. */
struct sorted {
	int64_t pid;
	uint32_t lane;
};

static int by_pid(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->lane < y->lane ? -1 : x->lane > y->lane;
}

void view_make_lanes(struct view *v)
{
	const struct report_rows *rows = &v->report.rows[REPORT_PROCESS];
	struct sorted *sorted = alloc_resize(NULL, rows->n, sizeof *sorted);
	v->lanes = rows->n;
	v->lane = alloc_resize(NULL, v->lanes, sizeof *v->lane);
	v->by_pid = alloc_resize(NULL, v->lanes, sizeof *v->by_pid);
	for (uint32_t i = 0; i < v->lanes; i++) {
		v->lane[i] = (struct view_lane){.row = &rows->v[i]};
		sorted[i] = (struct sorted){pid_of(v, i), i};
	}
	qsort(sorted, v->lanes, sizeof *sorted, by_pid);
	for (size_t i = 0; i < v->lanes; i++)
		v->by_pid[i] = sorted[i].lane;
	free(sorted);
}

/* Prepare for the rows of the thinned samples. */
static void begin_rows(struct view *v)
{
	v->processes = thin_processes(v->thin);
	v->lane_of = alloc_resize(NULL, v->processes, sizeof *v->lane_of);
	for (size_t i = 0; i < v->processes; i++)
		v->lane_of[i] = VIEW_NONE;
}

/* Return the lane of the process with PID at TIME_US, or the number of lanes if it has none. */
static uint32_t find_lane(const struct view *v, pid_t pid, int64_t time_us)
{
	size_t from = 0, to = v->lanes;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (pid_of(v, v->by_pid[middle]) < pid)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < v->lanes && pid_of(v, v->by_pid[from]) == pid; from++) {
		const struct report_row *row = v->lane[v->by_pid[from]].row;
		if (row->first_us.value <= time_us && row->last_us.value >= time_us)
			return v->by_pid[from];
	}
	return (uint32_t)v->lanes;
}

static void add_to_lane(struct view *v, const struct thin_row *row, int64_t time_us, size_t tick)
{
	uint32_t *of = &v->lane_of[row->process];
	if (*of == VIEW_NONE)
		*of = find_lane(v, row->pid, time_us);
	if (*of == v->lanes)
		return;
	struct view_lane *lane = &v->lane[*of];
	if (lane->n == 0)
		lane->first = tick;
	if (lane->first + lane->n != tick)
		return; /* two processes with one PID */
	lane->rss_kib = alloc_grow(lane->rss_kib, &lane->cap, lane->n + 1, sizeof(uint64_t));
	lane->rss_kib[lane->n++] = row->rss_kib;
}

/* ---- the end */

static void add_ticks(struct view *v)
{
	struct thin_tick t;
	size_t n = 0, span = 0;
	while (thin_get(v->thin, n, &t))
		n++;
	make_stacks(v, n);
	view_make_lanes(v);
	begin_rows(v);
	v->tick = alloc_resize(NULL, n, sizeof *v->tick);
	for (size_t i = 0; i < n; i++) {
		(void)thin_get(v->thin, i, &t);
		add_tick(v, &t, &span);
		for (size_t j = 0; j < t.rows; j++) {
			v->stack[find_stack(v, thin_name(v->thin, i, j))][i] += t.row[j].rss_kib;
			add_to_lane(v, &t.row[j], t.time_us, i);
		}
	}
}

bool view_end(struct view *v)
{
	struct thin_tick first;
	if (!thin_end(v->thin) || peak_write(v->samples.peak, &v->samples.meta) != 0)
		return false;
	report_read_text(&v->report, (struct slice){v->samples.meta.p, v->samples.meta.n});
	if (report_total(&v->report) == NULL || !thin_get(v->thin, 0, &first))
		return false;
	v->start_us = min_i64(report_start_us(&v->report), first.time_us);
	add_ticks(v);
	v->length_us =
	    max_i64(report_start_us(&v->report) - v->start_us + report_length_us(&v->report),
		v->tick[v->ticks - 1].time_us);
	return true;
}

struct slice view_command(const struct view *v)
{
	return v->report.command;
}

void view_free(struct view *v)
{
	peak_samples_free(&v->samples);
	thin_free(v->thin);
	report_free(&v->report);
	intern_free(&v->names);
	for (size_t i = 0; i < v->lanes; i++)
		free(v->lane[i].rss_kib);
	for (size_t i = 0; i <= VIEW_STACKS; i++)
		free(v->stack[i]);
	free(v->tick);
	free(v->lane);
	free(v->by_pid);
	free(v->lane_of);
	free(v->stack_of);
	free(v);
}
