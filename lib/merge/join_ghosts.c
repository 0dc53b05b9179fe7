/* SPDX-License-Identifier: MIT */
/*
 * Join streams of samples: processes whose peak no tick of the output shows.
 *
 * Such a process gets a row of 0 KiB with its peak as its high-water mark, after its exit, as in
 * merge/thin.h. A process that is in the tick before gets it in the next one: a process is in each
 * tick from its first to its last. Others get it in a tick that is not the peak of the total, which
 * would count them among its processes.
 */
#include "base/alloc.h"
#include "base/minmax.h"
#include "merge/join_internal.h"
#include "merge/thin_internal.h"
#include "stream/metrics.h"

void join_ghosts_begin(struct join *j)
{
	j->is_memory = alloc_resize(NULL, j->columns.n + 1, sizeof *j->is_memory);
	for (size_t i = 0; i < j->columns.n; i++)
		j->is_memory[i] =
		    metrics_is_momentary((struct slice){j->columns.v[i].text, j->columns.v[i].len});
}

/* Append a row for P, and the lines before it. */
static void put_ghost(struct join *j, struct join_process *p, const struct join_best *tick,
    struct buf *created, struct buf *marks, struct buf *rows)
{
	uint64_t mark_kib = p->peak_kib > p->shown_kib ? p->peak_kib : p->mark_kib;
	if (p->written_in == 0 && p->created_us != JOIN_UNKNOWN)
		thin_lines_put_time(created, "#created", p->id, p->created_us);
	join_write_mark_since(j, p, mark_kib > p->peak_kib, marks);
	buf_time(rows, tick->time_us);
	buf_char(rows, '\t');
	buf_u64(rows, (uint64_t)p->id);
	buf_char(rows, '\t');
	if (p->ppid != 0)
		buf_u64(rows, (uint64_t)p->ppid);
	buf_str(rows, p->peak_kib > 0 ? "\t0\t" : "\t\t");
	if (p->peak_kib > 0)
		buf_u64(rows, mark_kib);
	buf_put(rows, p->text.p, p->text.n);
	buf_char(rows, '\n');
	p->shown_kib = p->peak_kib;
	p->marked_kib = max_u64(p->mark_kib, mark_kib);
	p->written_in = j->written + 1;
	p->exit = tick->moment + 1; /* it is in this tick */
}

/* Return whether P, in the list of processes that are not held any more, needs a row. */
static bool is_hidden(const struct join *j, const struct join_process *p)
{
	return p->written_in > 0 && p->written_in == j->written &&
	       (p->peak_kib > p->shown_kib || p->mark_kib > p->marked_kib);
}

bool join_ghosts_left(struct join *j)
{
	struct join_list all = j->exited;
	bool hidden = false;
	j->exited = (struct join_list){JOIN_NONE, JOIN_NONE};
	for (uint32_t i = all.first, next; i != JOIN_NONE; i = next) {
		const struct join_process *p = &j->process[i];
		next = p->next;
		hidden |= is_hidden(j, p);
		join_processes_append(j, p->written_in > 0 ? &j->exited : &j->unseen, i);
	}
	return hidden || j->unseen.first != JOIN_NONE;
}

void join_ghosts_put(struct join *j, const struct join_best *tick, struct buf *created,
    struct buf *marks, struct buf *rows)
{
	for (uint32_t i = j->exited.first; i != JOIN_NONE; i = j->process[i].next) {
		struct join_process *p = &j->process[i];
		if (p->exit <= tick->moment && is_hidden(j, p))
			put_ghost(j, p, tick, created, marks, rows);
	}
	if (j->written > 0 && tick->rss_kib >= j->written_kib)
		return;
	for (uint32_t i = j->unseen.first, next; i != JOIN_NONE; i = next) {
		next = j->process[i].next;
		put_ghost(j, &j->process[i], tick, created, marks, rows);
		join_processes_append(j, &j->exited, i);
	}
	j->unseen = (struct join_list){JOIN_NONE, JOIN_NONE};
}
