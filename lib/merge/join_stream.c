/* SPDX-License-Identifier: MIT */
/* Join streams of samples: the last reading, tick by tick. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "base/warn.h"
#include "merge/join_internal.h"
#include "stream/escape.h"
#include "stream/tsv.h"

#define FEW 64		   /* streams, with buffers of the usual size */
#define SMALL_BUFFER 8192u /* of each of more streams */

/* Find the columns of the output in the header that has just been read. */
static void map_columns(const struct join *j, struct join_stream *s)
{
	s->map = alloc_resize(s->map, j->columns.n + 1, sizeof *s->map);
	for (size_t i = 0; i < j->columns.n; i++)
		s->map[i] = SIZE_MAX;
	for (size_t i = s->samples.tsv.columns; i-- > 0;) {
		uint32_t column = intern_find(&j->columns, tsv_column(&s->samples.tsv, i));
		if (column != INTERN_NONE)
			s->map[column] = i;
	}
}

/* The input differs from that of the first reading. */
static void fail(struct join *j, const struct join_stream *s)
{
	if (!j->failed)
		warn_print("%s: changed while it was read", s->name);
	j->failed = true;
}

enum samples_event join_stream_next(struct join_stream *s)
{
	return s->samples.tsv.in.number >= s->lines && !s->samples.row_pending
		   ? SAMPLES_END
		   : samples_next(&s->samples);
}

bool join_stream_open(const struct join *j, struct join_stream *s, unsigned columns)
{
	samples_init(&s->samples, s->fd, s->name, columns, NULL);
	if (j->streams > FEW)
		s->samples.tsv.in.chunk = SMALL_BUFFER;
	s->open = true;
	return lseek(s->fd, s->start, SEEK_SET) == s->start;
}

void join_stream_begin(struct join *j, struct join_stream *s)
{
	bool rewound = join_stream_open(j, s, JOIN_COLUMNS);
	for (size_t i = 0; i < sizeof s->tick / sizeof *s->tick; i++)
		(void)buf_room(&s->tick[i].text, 1); /* also of rows without text */
	s->pending = &s->tick[0];
	s->current = &s->tick[1];
	s->kept = &s->tick[2];
	enum samples_event event = SAMPLES_END;
	while (rewound && (event = join_stream_next(s)) != SAMPLES_END && event != SAMPLES_TICK) {
		if (event == SAMPLES_META)
			join_facts_take(j, s, s->samples.tsv.line);
		else if (event == SAMPLES_HEADER)
			map_columns(j, s);
	}
	s->begun = event == SAMPLES_TICK && s->map != NULL;
	if (s->begun)
		join_facts_begin_tick(s);
	join_stream_read(j, s);
}

/* ---- rows */

/* Append the name of the file without its directory and suffix. */
static void put_file(const struct join_stream *s, struct buf *text)
{
	const char *slash = strrchr(s->name, '/');
	const char *base = slash != NULL ? slash + 1 : s->name;
	const char *dot = strrchr(base, '.');
	escape_field(text, base, dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base));
}

/* Append the value of column I, which S does not have. */
static void put_missing(
    const struct join *j, const struct join_stream *s, size_t i, struct buf *text)
{
	if (i == j->column) {
		put_file(s, text);
		return;
	}
	for (size_t k = 0; k < JOIN_PLACES; k++)
		if (i == j->place[k])
			buf_put(text, s->place[k].p, s->place[k].n);
}

/* Append the columns after hwm_kib. */
static void put_text(const struct join *j, const struct join_stream *s, struct buf *text)
{
	for (size_t i = 0; i < j->columns.n; i++) {
		buf_char(text, '\t');
		if (s->map[i] != SIZE_MAX) {
			struct slice field = tsv_column(&s->samples.tsv, s->map[i]);
			buf_put(text, field.p, field.n);
		} else {
			put_missing(j, s, i, text);
		}
	}
}

/* Return the row of the tick before that the present one repeats but for the time, or NULL. */
static const struct join_row *repeated_row(
    const struct join *j, const struct join_stream *s, size_t place)
{
	const struct join_tick *before = s->current;
	bool same = s->samples.repeated && s->samples.tsv.place == place && place < before->rows &&
		    j->process[before->row[place].process].pid == s->samples.row.pid;
	return same ? &before->row[place] : NULL;
}

/* Append the text of the present row to the tick, and set its parent. */
static void add_text(
    const struct join *j, struct join_stream *s, struct join_row *row, size_t place)
{
	struct join_tick *t = s->pending;
	const struct join_row *same = repeated_row(j, s, place);
	row->at = (uint32_t)t->text.n;
	if (same != NULL)
		buf_put(&t->text, s->current->text.p + same->at, same->n);
	else
		put_text(j, s, &t->text);
	row->n = (uint32_t)(t->text.n - row->at);
	row->ppid = s->samples.row.ppid;
}

/* Return whether the mark of ROW has risen since the tick before, as lib/peak concludes it. */
static bool has_risen(
    const struct join_stream *s, const struct join_process *p, bool continued, struct join_row *row)
{
	enum mark_age age = tick_notes_mark_age(&s->now.notes, p->pid);
	bool attached = s->number == 1 && s->started_us == JOIN_UNKNOWN;
	bool risen =
	    !attached && age != MARK_PREDATES && (!continued || row->mark_kib != p->mark_kib);
	row->dated = risen && age == MARK_DATED;
	return risen;
}

/* Add the present row to the tick. Return what it adds to a bound by marks. */
static uint64_t add_row(struct join *j, struct join_stream *s)
{
	const struct samples_row *r = &s->samples.row;
	struct join_tick *t = s->pending;
	uint32_t i = join_processes_find(j, s, r->pid);
	struct join_process *p = &j->process[i];
	bool continued = p->tick != 0;
	if (t->rows == t->cap)
		t->row = alloc_grow(t->row, &t->cap, t->rows + 1, sizeof *t->row);
	struct join_row *row = &t->row[t->rows];
	*row = (struct join_row){
	    .process = i,
	    .rss_kib = r->rss_kib,
	    .mark_kib = max_u64(r->hwm_kib, r->rss_kib),
	    .known = r->rss_known,
	};
	add_text(j, s, row, t->rows);
	bool risen = has_risen(s, p, continued, row);
	uint64_t bound_kib = max_u64(row->mark_kib, continued ? p->mark_kib : 0);
	p->peak_kib = max_u64(p->peak_kib, risen ? row->mark_kib : row->rss_kib);
	row->peak_kib = p->peak_kib;
	p->mark_kib = row->mark_kib;
	p->tick = s->number;
	t->rss_kib += row->rss_kib;
	t->rows++;
	return bound_kib;
}

/* ---- ticks */

/* Note the processes of the tick before that are not in the present one. Return what they add to a
 * bound by marks, and add their number to *N. */
static uint64_t exit_processes(struct join *j, struct join_stream *s, size_t *n)
{
	const struct join_tick *before = s->current;
	uint64_t kib = 0;
	for (size_t i = 0; i < before->rows; i++) {
		const struct join_process *p = &j->process[before->row[i].process];
		if (p->tick == s->number || p->exited)
			continue;
		kib += p->mark_kib;
		++*n;
		join_processes_exit(j, s, before->row[i].process, before, &before->row[i]);
	}
	return kib;
}

/* Set the bound of the present tick, or of the end, from FACTS. BY_MARKS_KIB is the sum of the
 * largest marks of N processes since the tick before, EXITS of which have exited. */
static void set_bound(struct join_stream *s, const struct join_facts *facts, uint64_t by_marks_kib,
    size_t n, size_t exits)
{
	struct join_tick *t = s->pending;
	uint64_t bound_kib = facts->bound_kib;
	if (!facts->bound_known)
		bound_kib = by_marks_kib + facts->unseen_kib + n * s->mark_error_kib;
	s->bounds_known |= facts->bound_known;
	t->bound_kib = max_u64(bound_kib, max_u64(t->rss_kib, s->current->rss_kib));
	t->exits = facts->bound_known ? facts->exits : exits;
}

static void complete_tick(struct join *j, struct join_stream *s, uint64_t marks_kib)
{
	struct join_tick *t = s->pending;
	size_t exits = 0;
	for (size_t i = 0; i < t->rows; i++)
		t->row[i].ppid = join_processes_parent(j, s, t->row[i].ppid);
	marks_kib += exit_processes(j, s, &exits);
	set_bound(s, &s->now, marks_kib, t->rows + exits, exits);
	s->event = JOIN_TICK;
	s->event_us = t->time_us;
}

/* After the last tick: the pending one has no rows. */
static void complete_stream(struct join *j, struct join_stream *s)
{
	bool bounds_known = s->bounds_known;
	size_t exits = 0;
	if (s->number != s->ticks)
		fail(j, s);
	s->number++;
	uint64_t marks_kib = exit_processes(j, s, &exits);
	if (bounds_known && !s->before.bound_known)
		marks_kib = exits = 0; /* sampling ended at the last tick */
	set_bound(s, &s->before, marks_kib, exits, exits);
	s->event = JOIN_END;
	s->event_us = max_i64(join_check_end(s), s->event_us);
}

static void clear_tick(struct join_tick *t)
{
	t->rows = 0;
	t->text.n = 0;
	t->rss_kib = t->bound_kib = t->exits = 0;
}

/* Read the rows of the tick that has begun, up to the next tick or the end. Return what they add to
 * a bound by marks. */
static uint64_t read_rows(struct join *j, struct join_stream *s)
{
	uint64_t marks_kib = 0;
	enum samples_event event;
	while ((event = join_stream_next(s)) == SAMPLES_ROW || event == SAMPLES_META)
		if (event == SAMPLES_ROW)
			marks_kib += add_row(j, s);
		else
			join_facts_take(j, s, s->samples.tsv.line);
	s->begun = event == SAMPLES_TICK;
	return marks_kib;
}

void join_stream_read(struct join *j, struct join_stream *s)
{
	clear_tick(s->pending);
	if (!s->begun || s->number == s->ticks) {
		complete_stream(j, s);
		return;
	}
	s->number++;
	s->pending->time_us = s->samples.time_us + s->shift_us;
	complete_tick(j, s, read_rows(j, s));
	if (s->begun)
		join_facts_begin_tick(s);
}

void join_stream_free(struct join_stream *s)
{
	for (size_t i = 0; i < sizeof s->tick / sizeof *s->tick; i++) {
		free(s->tick[i].row);
		buf_free(&s->tick[i].text);
	}
	if (s->open)
		samples_free(&s->samples);
	s->open = false;
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	s->fd = -1;
	join_facts_free(s);
	for (size_t i = 0; i < JOIN_PLACES; i++)
		buf_free(&s->place[i]);
	pidmap_free(&s->live);
	free(s->map);
	s->map = NULL;
}
