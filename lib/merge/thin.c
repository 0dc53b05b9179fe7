/* SPDX-License-Identifier: MIT */
/* Thin samples: reading. */
#include "merge/thin.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "merge/thin_internal.h"
#include "stream/metrics.h"
#include "stream/tsv.h"

/* A window keeps the tick with the largest memory, with the one before it if the memory was
 * held between the two, and the tick with the smallest sum. */
struct window {
	int64_t time_us; /* the first member, for windows */
	struct thin *thin;
	struct thin_node *high, *before, *low; /* BEFORE may be NULL */
};

static void release(struct thin *t, struct thin_node *tick)
{
	if (tick != NULL)
		thin_nodes_release(t, tick);
}

static void merge(void *window, const void *item)
{
	struct window *into = window;
	const struct window *other = item;
	struct thin *t = into->thin;
	bool higher = other->high->peak_kib > into->high->peak_kib;
	bool lower = other->low->rss_kib < into->low->rss_kib;
	struct thin_node *high = higher ? into->high : other->high;
	struct thin_node *before = higher ? into->before : other->before;
	struct thin_node *low = lower ? into->low : other->low;
	if (higher) {
		into->high = other->high;
		into->before = other->before;
	}
	if (lower)
		into->low = other->low;
	release(t, high);
	release(t, before);
	release(t, low);
}

struct thin *thin_new(const struct thin_options *options)
{
	static const struct windows_kind kind = {
	    .size = sizeof(struct window), .merge = merge, .sparse = true};
	struct thin *t = alloc_resize(NULL, 1, sizeof *t);
	*t = (struct thin){
	    .options = *options,
	    .windows = {.kind = &kind, .max = options->ticks / 3},
	    .free_process = THIN_NONE,
	};
	return t;
}

/* ---- headers */

/* Return what the column NAME is. FOUND has the kinds of the columns before it, as a set. */
static enum thin_column kind_of(struct slice name, unsigned found)
{
	static const struct {
		const char *name;
		enum thin_column kind;
	} kinds[] = {{"time", THIN_TIME}, {"rss_kib", THIN_RSS}, {"hwm_kib", THIN_HWM}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (slice_is(name, kinds[i].name))
			return (found & 1u << kinds[i].kind) == 0 ? kinds[i].kind : THIN_COPY;
	return metrics_is_momentary(name) ? THIN_UNKNOWN : THIN_COPY;
}

/* Return the number of the layout with the header LINE. */
static size_t find_layout(struct thin *t, struct slice line)
{
	unsigned found = 0;
	size_t i = t->layouts;
	while (i-- > 0) /* mostly the last */
		if (slice_equal((struct slice){t->layout[i].header.p, t->layout[i].header.n}, line))
			return i;
	t->layout = alloc_grow(t->layout, &t->layouts_cap, t->layouts + 1, sizeof *t->layout);
	struct thin_layout *l = &t->layout[t->layouts];
	*l = (struct thin_layout){0};
	buf_put(&l->header, line.p, line.n);
	l->comm = SIZE_MAX;
	l->columns = 1;
	for (i = 0; i < line.n; i++)
		l->columns += line.p[i] == '\t';
	l->column = alloc_resize(NULL, l->columns, sizeof *l->column);
	for (i = 0; i < l->columns; i++) {
		struct slice name = tsv_take_field(&line);
		l->column[i] = kind_of(name, found);
		found |= 1u << l->column[i];
		if (l->comm == SIZE_MAX && slice_is(name, "comm"))
			l->comm = i;
	}
	l->has_hwm = (found & 1u << THIN_HWM) != 0;
	return t->layouts++;
}

static void add_stream(struct thin *t, struct slice line)
{
	struct thin_stream *stream = alloc_resize(NULL, 1, sizeof *stream);
	*stream = (struct thin_stream){.layout = find_layout(t, line), .watched = t->watched};
	t->streams = alloc_grow(t->streams, &t->streams_cap, t->streams_n + 1, sizeof(void *));
	t->streams[t->streams_n++] = t->stream = stream;
	t->watched = false;
}

/* Move the lines that were read since the last row to NODE. */
static void take_lines(struct thin *t, struct thin_node *node)
{
	struct buf lines = node->lines;
	node->lines = t->lines;
	t->lines = lines;
}

/* ---- the end of a tick */

/* Set the largest memory that was held since the previous tick, as lib/peak concludes it. */
static void close_sums(struct thin *t)
{
	struct thin_node *tick = t->tick;
	uint64_t between_kib = t->rise_kib > 0 ? t->held_kib + t->rise_kib : 0;
	tick->peak_kib = max_u64(tick->rss_kib, max_u64(between_kib, t->undated_kib));
	tick->is_between = between_kib > tick->rss_kib && between_kib >= t->undated_kib;
	t->held_kib = t->rise_kib = t->undated_kib = 0;
}

static void complete_tick(struct thin *t)
{
	struct thin_node *tick = t->tick, *before = t->previous;
	if (tick == NULL)
		return;
	close_sums(t);
	thin_processes_exit(t);
	struct window w = {tick->time_us, t, tick, tick->is_between ? before : NULL, tick};
	thin_nodes_hold(tick);
	thin_nodes_hold(tick);
	if (w.before != NULL)
		thin_nodes_hold(w.before);
	windows_add(&t->windows, &w);
	if (before != NULL && before != tick->stream->first)
		thin_nodes_unpin(t, before);
	t->previous = tick;
	t->tick = NULL;
	while (t->rows > t->options.rows && t->windows.n > 1)
		windows_widen(&t->windows);
	thin_processes_evict(t);
}

/* ---- events */

static void take_header(struct thin *t, struct slice line)
{
	struct thin_stream *ended = t->stream;
	complete_tick(t);
	thin_processes_exit(t);
	t->previous = NULL;
	pidmap_free(&t->live);
	t->number++; /* no tick of the new stream follows one of the old */
	add_stream(t, line);
	take_lines(t, thin_nodes_add(t, THIN_HEADER));
	if (ended == NULL)
		return;
	ended->ended = true;
	thin_nodes_check_stream(t, ended);
}

static void take_tick(struct thin *t, int64_t time_us)
{
	complete_tick(t);
	thin_lines_begin_tick(t);
	struct thin_node *tick = t->tick = thin_nodes_add(t, THIN_TICK);
	take_lines(t, tick);
	tick->number = ++t->number;
	tick->time_us = time_us;
	tick->facts = t->now.facts;
	tick->pinned = true;
	t->stream->last = tick;
	if (t->stream->first == NULL)
		t->stream->first = tick;
	t->next = t->continued = 0;
}

/* Append a row to the tick. */
static struct thin_row *add_row(struct thin *t, const struct samples *s, uint32_t process)
{
	struct thin_node *tick = t->tick;
	if (tick->rows == tick->cap)
		tick->row = alloc_grow(tick->row, &tick->cap, tick->rows + 1, sizeof *tick->row);
	struct thin_row *row = &tick->row[tick->rows++];
	*row = (struct thin_row){
	    .rss_kib = s->row.rss_kib,
	    .mark_kib = max_u64(s->row.hwm_kib, s->row.rss_kib),
	    .pid = s->row.pid,
	    .process = process,
	    .at = (uint32_t)tick->text.n,
	    .n = (uint32_t)s->tsv.line.n,
	    .known = s->row.rss_known,
	};
	buf_put(&tick->text, s->tsv.line.p, s->tsv.line.n);
	t->rows++;
	return row;
}

/* Set what the mark of ROW proves. CONTINUED: the process was in the previous tick. Return whether
 * the mark has risen. */
static bool set_mark(
    struct thin *t, struct thin_row *row, const struct thin_process *p, bool continued)
{
	enum mark_age age = tick_notes_mark_age(&t->now.notes, row->pid);
	bool attached = t->tick == t->stream->first && !t->stream->watched;
	row->has_line = age != MARK_DATED;
	row->predates = age == MARK_PREDATES;
	bool risen = !attached && !row->predates && (!continued || row->mark_kib != p->mark_kib);
	row->dated = risen && !row->has_line;
	return risen;
}

static void take_row(struct thin *t, const struct samples *s)
{
	uint32_t i = thin_processes_find(t, s->row.pid);
	struct thin_row *row = add_row(t, s, i);
	struct thin_process *p = &t->process[i];
	bool continued = p->last_tick != 0;
	bool risen = set_mark(t, row, p, continued);
	uint64_t held_kib = continued ? min_u64(p->rss_kib, row->rss_kib) : 0;
	uint64_t peak_kib = risen ? row->mark_kib : row->rss_kib;
	t->tick->rss_kib += row->rss_kib;
	t->held_kib += held_kib;
	if (row->dated)
		t->rise_kib = max_u64(t->rise_kib, row->mark_kib - held_kib);
	else if (risen)
		t->undated_kib = max_u64(t->undated_kib, row->mark_kib);
	if (row->known && (!p->known || peak_kib > p->peak_kib)) {
		p->known = true;
		p->peak_kib = peak_kib;
		p->peak_tick = t->number;
	}
	p->rss_kib = row->rss_kib;
	p->mark_kib = row->mark_kib;
	p->last_tick = t->number;
	p->rows++;
}

void thin_take(struct thin *t, const struct samples *s, enum samples_event event)
{
	switch (event) {
	case SAMPLES_META:
		thin_lines_take(t, s->tsv.line);
		break;
	case SAMPLES_HEADER:
		take_header(t, s->tsv.line);
		break;
	case SAMPLES_TICK:
		take_tick(t, s->time_us);
		break;
	case SAMPLES_ROW:
		take_row(t, s);
		break;
	default:
		break;
	}
}

bool thin_end(struct thin *t)
{
	complete_tick(t);
	thin_processes_exit(t);
	take_lines(t, thin_nodes_add(t, THIN_END));
	thin_plan(t);
	t->next_node = t->head;
	return t->kept_n > 0;
}

bool thin_get(const struct thin *t, size_t i, struct thin_tick *tick)
{
	if (i >= t->kept_n)
		return false;
	const struct thin_node *node = t->kept[i];
	*tick = (struct thin_tick){
	    .time_us = node->time_us,
	    .rss_kib = node->rss_kib,
	    .peak_kib = node->peak_kib,
	    .bound_kib = node->facts.bound_known ? node->facts.bound_kib : 0,
	    .starts = node == node->stream->first,
	    .row = node->row,
	    .rows = node->rows,
	};
	return true;
}

struct slice thin_name_in(const struct thin *t, const struct thin_stream *stream, struct slice text)
{
	size_t comm = t->layout[stream->layout].comm;
	if (comm == SIZE_MAX)
		return (struct slice){"", 0};
	while (comm-- > 0)
		(void)tsv_take_field(&text);
	return tsv_take_field(&text);
}

struct slice thin_name(const struct thin *t, size_t i, size_t j)
{
	const struct thin_node *node = t->kept[i];
	struct slice text = {node->text.p + node->row[j].at, node->row[j].n};
	return thin_name_in(t, node->stream, text);
}

size_t thin_processes(const struct thin *t)
{
	return t->processes;
}

void thin_free(struct thin *t)
{
	thin_nodes_free(t);
	for (size_t i = 0; i < t->streams_n; i++)
		free(t->streams[i]);
	for (size_t i = 0; i < t->layouts; i++) {
		buf_free(&t->layout[i].header);
		free(t->layout[i].column);
	}
	for (size_t i = 0; i < t->processes; i++)
		buf_free(&t->process[i].text);
	thin_lines_free(t);
	windows_free(&t->windows);
	pidmap_free(&t->live);
	buf_free(&t->lines);
	free(t->streams);
	free(t->layout);
	free(t->process);
	free(t->kept);
	free(t);
}
