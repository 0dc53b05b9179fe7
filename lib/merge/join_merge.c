/* SPDX-License-Identifier: MIT */
/* Join streams of samples: from moment to moment. */
#include "base/minmax.h"
#include "merge/join_internal.h"

/* ---- the bound */

static void note_bound(struct join *j)
{
	struct join_since *since = &j->since;
	if (j->best.moment != 0)
		since->later_bound_kib = max_u64(since->later_bound_kib, j->bound_kib);
	else
		since->bound_kib = max_u64(since->bound_kib, j->bound_kib);
}

static void note_exits(struct join *j, uint64_t n)
{
	if (j->best.moment != 0)
		j->since.later_exits += n;
	else
		j->since.exits += n;
}

/* Let S add KIB to the bound from now on. */
static void set_bound(struct join *j, struct join_stream *s, uint64_t kib)
{
	j->bound_kib += kib - s->bound_kib;
	s->bound_kib = kib;
}

/* ---- events */

/* Let S hold s->pending. Keep the tick that it held if that is part of the chosen moment. */
static void replace_tick(struct join *j, struct join_stream *s)
{
	struct join_tick *old = s->current, *new = s->pending;
	new->since = j->moment;
	new->previous = old->since;
	j->changed = true;
	j->rss_kib += new->rss_kib - old->rss_kib;
	j->rows += new->rows - old->rows;
	s->current = new;
	s->pending = old;
	if (j->best.moment == 0 || old->since > j->best.moment || s->kept_for == j->best.moment)
		return;
	s->pending = s->kept;
	s->kept = old;
	s->kept_for = j->best.moment;
}

/* The event of S: a stream starts, has a tick, or ends. */
static void take_event(struct join *j, struct join_stream *s)
{
	switch (s->event) {
	case JOIN_START:
		set_bound(j, s, s->pending->bound_kib);
		note_bound(j);
		s->event = JOIN_TICK;
		s->event_us = s->pending->time_us;
		break;
	case JOIN_TICK:
		note_exits(j, s->pending->exits);
		replace_tick(j, s);
		join_processes_release(j, s);
		join_hosts_hold(j, s);
		j->peaks |= s->number == s->peak_tick;
		join_stream_read(j, s);
		set_bound(j, s, s->pending->bound_kib);
		break;
	case JOIN_END:
		note_exits(j, s->pending->exits);
		replace_tick(j, s);
		join_processes_release(j, s);
		set_bound(j, s, 0);
		s->event = JOIN_OVER;
		break;
	case JOIN_OVER:
		break;
	}
}

/* ---- moments */

/* Choose the present moment for the next tick of the output. */
static void choose(struct join *j, int64_t us)
{
	struct join_since *since = &j->since;
	j->best = (struct join_best){j->moment, us, j->rss_kib};
	since->bound_kib = max_u64(max_u64(since->bound_kib, since->later_bound_kib), j->rss_kib);
	since->exits += since->later_exits;
	since->later_bound_kib = since->later_exits = 0;
}

static void write_best(struct join *j, struct buf *out)
{
	if (j->best.moment == 0)
		return;
	j->step_written = true;
	j->step_kib = max_u64(j->step_kib, j->best.rss_kib);
	join_write_tick(j, out);
}

/* Begin the step of time US, unless it is the present one. */
static void begin_step(struct join *j, int64_t us, struct buf *out)
{
	int64_t step = j->step_us > 0 ? (us - j->zero_us) / j->step_us : (int64_t)j->moment;
	if (step == j->step)
		return;
	write_best(j, out);
	j->step = step;
	j->step_written = false;
	j->step_kib = 0;
}

/* After the events of a moment at US: decide whether it is to be written. */
static void close_moment(struct join *j, int64_t us, struct buf *out)
{
	bool larger = j->best.moment != 0 ? j->rss_kib > j->best.rss_kib
		      : j->step_written	  ? j->rss_kib > j->step_kib
					  : true;
	bool needed = join_peaks_at(j, us) || j->peaks || j->written == 0;
	bool changed = j->changed;
	j->peaks = j->changed = false;
	if (j->rows == 0 || !changed || (!larger && !needed))
		return;
	if (needed && !larger)
		write_best(j, out);
	choose(j, us);
	if (needed)
		write_best(j, out);
}

/* After the last moment: add a tick for processes that no tick has shown. */
static void end_output(struct join *j, struct buf *out)
{
	write_best(j, out);
	if (!join_ghosts_left(j))
		return;
	j->moment++;
	choose(j, j->moment_us);
	write_best(j, out);
}

bool join_merge_next(struct join *j, struct buf *out)
{
	if (j->heap_n == 0) {
		end_output(j, out);
		return false;
	}
	int64_t us = j->heap[0]->event_us;
	bool ends = j->heap[0]->event == JOIN_END;
	j->moment++;
	j->moment_us = us;
	begin_step(j, us, out);
	note_bound(j);
	for (struct join_stream *s; (s = join_heap_at(j, us, ends)) != NULL;) {
		take_event(j, s);
		join_heap_reorder(j);
	}
	close_moment(j, us, out);
	return true;
}

/* Set the length of a step. */
static void set_step(struct join *j)
{
	int64_t first_us = INT64_MAX, last_us = 0;
	uint64_t ticks = 0;
	for (size_t i = 0; i < j->streams; i++) {
		const struct join_stream *s = j->stream[i];
		first_us = min_i64(first_us, s->first_us + s->shift_us);
		last_us = max_i64(last_us, s->last_us + s->shift_us);
		ticks += s->ticks;
	}
	j->zero_us = first_us;
	j->step = INT64_MIN;
	j->step_us = j->options.interval_us;
	if (j->step_us == 0 && j->streams > 1)
		j->step_us =
		    (int64_t)((double)(last_us - first_us) * (double)j->streams / (double)ticks) +
		    1;
}

void join_merge_begin(struct join *j)
{
	set_step(j);
	join_heap_clear(j);
	for (size_t i = 0; i < j->streams; i++) {
		struct join_stream *s = j->stream[i];
		join_stream_begin(j, s);
		int64_t start_us = join_check_start(s);
		if (s->event != JOIN_TICK)
			continue; /* it has changed */
		s->event = JOIN_START;
		s->event_us = min_i64(start_us, s->event_us);
		join_heap_add(j, s);
	}
	join_heap_make(j);
}
