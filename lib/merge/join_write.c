/* SPDX-License-Identifier: MIT */
/* Join streams of samples: ticks of the output. */
#include <inttypes.h>

#include "base/minmax.h"
#include "merge/join_internal.h"
#include "merge/thin_internal.h"

/* The parts of a tick. */
struct parts {
	struct buf created, marks, rows;
	struct buf time;
	uint64_t moment;
	bool is_next; /* no moment is between this tick and the one before */
};

void join_write_header(const struct join *j, struct buf *out)
{
	buf_str(out, "time\tpid\tppid\trss_kib\thwm_kib");
	for (size_t i = 0; i < j->columns.n; i++) {
		buf_char(out, '\t');
		buf_put(out, j->columns.v[i].text, j->columns.v[i].len);
	}
	buf_char(out, '\n');
}

/* Return the tick that S held at the chosen moment. */
static const struct join_tick *tick_of(const struct join *j, const struct join_stream *s)
{
	return s->kept_for == j->best.moment ? s->kept : s->current;
}

void join_write_mark_since(
    const struct join *j, const struct join_process *p, bool predates, struct buf *out)
{
	if (predates)
		buf_printf(out, "#mark_since\t%ld\t0\n", (long)p->id);
	else
		thin_lines_put_time(
		    out, "#mark_since", p->id, j->written > 0 ? j->written_us : j->best.time_us);
}

/* Append the line about the mark MARK_KIB of ROW, if mempeak must not take it for memory that was
 * held together with that of the other processes. */
static void put_mark_line(const struct join *j, const struct join_process *p,
    const struct join_row *row, bool dated, uint64_t mark_kib, struct buf *out)
{
	bool repeated =
	    p->written_in == j->written && p->written_in > 0 && mark_kib == p->written_kib;
	if (mark_kib <= row->rss_kib || repeated || (dated && mark_kib == row->mark_kib))
		return;
	join_write_mark_since(j, p, mark_kib > row->peak_kib, out);
}

static void put_row(struct parts *parts, const struct join_process *p, const struct join_row *row,
    const struct join_tick *tick, uint64_t mark_kib)
{
	struct buf *out = &parts->rows;
	buf_put(out, parts->time.p, parts->time.n);
	buf_u64(out, (uint64_t)p->id);
	buf_char(out, '\t');
	if (row->ppid != 0)
		buf_u64(out, (uint64_t)row->ppid);
	buf_char(out, '\t');
	if (row->known)
		buf_u64(out, row->rss_kib);
	buf_char(out, '\t');
	if (row->known || mark_kib > 0)
		buf_u64(out, mark_kib);
	buf_put(out, tick->text.p + row->at, row->n);
	buf_char(out, '\n');
}

static void add_row(
    struct join *j, const struct join_tick *tick, const struct join_row *row, struct parts *parts)
{
	struct join_process *p = &j->process[row->process];
	uint64_t mark_kib = row->mark_kib;
	if (row->peak_kib > max_u64(p->shown_kib, row->rss_kib))
		mark_kib = row->peak_kib; /* of a tick that is not written */
	bool dated = row->dated && parts->is_next && tick->since == parts->moment &&
		     tick->previous == j->written_moment;
	put_mark_line(j, p, row, dated, mark_kib, &parts->marks);
	if (p->written_in == 0 && p->created_us != JOIN_UNKNOWN)
		thin_lines_put_time(&parts->created, "#created", p->id, p->created_us);
	put_row(parts, p, row, tick, mark_kib);
	p->shown_kib = max_u64(p->shown_kib, row->peak_kib);
	p->written_kib = mark_kib;
	p->marked_kib = max_u64(p->marked_kib, mark_kib);
	p->written_in = j->written + 1;
}

static void put_part(struct buf *out, struct buf *part)
{
	buf_put(out, part->p, part->n);
	buf_free(part);
}

void join_write_tick(struct join *j, struct buf *out)
{
	struct join_since *since = &j->since;
	struct parts parts = {.moment = j->best.moment,
	    .is_next = j->best.moment == j->written_moment + 1 || j->written == 0};
	buf_time(&parts.time, j->best.time_us);
	buf_char(&parts.time, '\t');
	for (size_t i = 0; i < j->streams; i++) {
		const struct join_tick *tick = tick_of(j, j->stream[i]);
		for (size_t row = 0; row < tick->rows; row++)
			add_row(j, tick, &tick->row[row], &parts);
	}
	join_ghosts_put(j, &j->best, &parts.created, &parts.marks, &parts.rows);
	join_processes_put(j, j->best.moment, out);
	if (j->run.bound_refused.n == 0)
		buf_printf(
		    out, "#bound_kib\t%" PRIu64 "\t%" PRIu64 "\n", since->bound_kib, since->exits);
	put_part(out, &parts.created);
	put_part(out, &parts.marks);
	put_part(out, &parts.rows);
	buf_free(&parts.time);
	join_processes_free(j, j->best.moment);
	j->written++;
	j->written_kib = max_u64(j->written_kib, j->best.rss_kib);
	j->written_moment = j->best.moment;
	j->written_us = j->best.time_us;
	*since =
	    (struct join_since){.bound_kib = since->later_bound_kib, .exits = since->later_exits};
	j->best = (struct join_best){0};
}
