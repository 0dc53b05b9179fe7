/* SPDX-License-Identifier: MIT */
/*
 * Thin samples: where the peaks are written that no tick shows.
 *
 * mempeak takes a high-water mark that rises between two ticks for memory that was held together
 * with that of the other processes. That is only right if nothing was dropped between the two. For
 * other marks, `#mark_since` is written. Then only the process itself is certain to have held it.
 */
#include "base/alloc.h"
#include "base/minmax.h"
#include "merge/thin_internal.h"

bool thin_plan_is_complete(const struct thin_node *tick)
{
	return !tick->follows_dropped;
}

static bool is_attached(const struct thin_node *tick)
{
	return tick == tick->stream->first && !tick->stream->watched;
}

/* Return the claim of MARK_KIB, which is above the RSS of ROW and rises. */
static struct thin_claim claim_rise(const struct thin_node *tick, const struct thin_row *row,
    const struct thin_process *p, uint64_t mark_kib)
{
	struct thin_claim c = {mark_kib, mark_kib, THIN_NO_LINE};
	bool as_read = thin_plan_is_complete(tick) && p->place != tick && mark_kib == row->mark_kib;
	if (as_read && row->dated)
		return c;
	if (as_read && row->has_line) {
		c.shown_kib = row->predates ? row->rss_kib : mark_kib;
		return c;
	}
	c.line = p->known && mark_kib <= p->peak_kib ? THIN_UNDATED : THIN_PREDATES;
	if (c.line == THIN_PREDATES)
		c.shown_kib = row->rss_kib;
	return c;
}

void thin_plan_row(struct thin *t, const struct thin_node *tick, const struct thin_row *row,
    struct thin_claim *claim)
{
	struct thin_process *p = &t->process[row->process];
	bool placed = p->place == tick,
	     seen = p->written_in > 0 && p->written_in + 1 == tick->ordinal;
	uint64_t mark_kib = placed		 ? p->peak_kib
			    : p->lowered == tick ? row->rss_kib
						 : row->mark_kib;
	*claim = (struct thin_claim){mark_kib, row->rss_kib, THIN_NO_LINE};
	if (mark_kib > row->rss_kib && !is_attached(tick) && (!seen || mark_kib != p->written_kib))
		*claim = claim_rise(tick, row, p, mark_kib);
	if (!row->known && !placed)
		claim->shown_kib = 0;
	p->written_kib = mark_kib;
	p->written_in = tick->ordinal;
}

/* ---- ticks */

/* Collect the ticks that are kept. Return the one with the peak of the total, or NULL. */
static struct thin_node *collect(struct thin *t)
{
	struct thin_node *peak = NULL;
	for (struct thin_node *node = t->head; node != NULL; node = node->next) {
		if (node->kind != THIN_TICK)
			continue;
		t->kept = alloc_grow(t->kept, &t->kept_cap, t->kept_n + 1, sizeof(void *));
		t->kept[t->kept_n++] = node;
		node->ordinal = t->kept_n;
		node->is_protected = is_attached(node);
		if (peak == NULL || node->peak_kib > peak->peak_kib)
			peak = node;
	}
	return peak;
}

static void show_row(struct thin *t, const struct thin_node *tick, const struct thin_row *row)
{
	struct thin_process *p = &t->process[row->process];
	struct slice text = {tick->text.p + row->at, row->n}, last = {p->text.p, p->text.n};
	struct thin_claim claim;
	thin_plan_row(t, tick, row, &claim);
	p->shown_kib = max_u64(p->shown_kib, claim.shown_kib);
	p->renamed =
	    !slice_equal(thin_name_in(t, tick->stream, text), thin_name_in(t, tick->stream, last));
}

/* Note what the ticks show of each process. */
static void show(struct thin *t)
{
	for (size_t i = 0; i < t->kept_n; i++)
		for (size_t j = 0; j < t->kept[i]->rows; j++)
			show_row(t, t->kept[i], &t->kept[i]->row[j]);
	for (size_t i = 0; i < t->processes; i++)
		t->process[i].written_in = 0;
}

/* Return the first tick from NUMBER on. */
static struct thin_node *find_tick(const struct thin *t, uint64_t number)
{
	size_t from = 0, to = t->kept_n - 1;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (t->kept[middle]->number < number)
			from = middle + 1;
		else
			to = middle;
	}
	return t->kept[from];
}

static const struct thin_row *row_of(const struct thin_node *tick, uint32_t process)
{
	for (size_t i = 0; i < tick->rows; i++)
		if (tick->row[i].process == process)
			return &tick->row[i];
	return NULL;
}

static bool is_in(const struct thin_node *node, const struct thin_stream *stream)
{
	return node != NULL && node->kind == THIN_TICK && node->stream == stream;
}

/* Return the next or previous tick of the same stream that is not protected, or NULL. */
static struct thin_node *neighbour(struct thin_node *tick, bool forward)
{
	struct thin_node *node = tick;
	do
		node = forward ? node->next : node->prev;
	while (is_in(node, tick->stream) && node->is_protected);
	return is_in(node, tick->stream) ? node : NULL;
}

/* ---- processes */

/* Return whether process I can be in TICK: a process is in each tick from its first to its last. */
static bool can_be_in(const struct thin *t, uint32_t i, const struct thin_node *tick)
{
	return tick != NULL &&
	       (t->process[i].rows == 0 || row_of(tick, i) != NULL ||
		   (is_in(tick->prev, tick->stream) && row_of(tick->prev, i) != NULL));
}

static bool is_shown(const struct thin_process *p)
{
	return p->rows > 0 && (!p->known || p->shown_kib >= p->peak_kib);
}

/* Return the tick to write the peak or the last name of process I in: the first one after it, if
 * that is not protected, or NULL if there is none for the name. */
static struct thin_node *choose_tick(const struct thin *t, uint32_t i)
{
	const struct thin_process *p = &t->process[i];
	bool last = !p->known || p->renamed;
	struct thin_node *tick = find_tick(t, last ? p->last_tick : p->peak_tick);
	if (!tick->is_protected)
		return tick;
	struct thin_node *after = neighbour(tick, true), *before = neighbour(tick, false);
	if (can_be_in(t, i, after))
		return after;
	if (is_shown(p))
		return NULL;
	return before != NULL && (p->rows == 0 || row_of(before, i) != NULL) ? before : tick;
}

/* Place the peak of process I. If the mark does not rise to it there, since it is the same in the
 * tick before, write a lower one there. */
static void place(struct thin *t, uint32_t i)
{
	struct thin_process *p = &t->process[i];
	struct thin_node *tick = choose_tick(t, i);
	const struct thin_row *row = NULL;
	if (tick == NULL)
		return;
	p->place = tick;
	if (row_of(tick, i) == NULL) {
		p->next = tick->ghosts;
		tick->ghosts = i;
	}
	if (!is_shown(p) && is_in(tick->prev, tick->stream))
		row = row_of(tick->prev, i);
	if (row != NULL && row->mark_kib == p->peak_kib)
		p->lowered = tick->prev;
}

static bool is_missing(const struct thin_process *p)
{
	if (p->pid == 0 || p->stream->dropped)
		return false;
	return !is_shown(p) || p->renamed;
}

void thin_plan(struct thin *t)
{
	struct thin_node *peak = collect(t);
	if (peak == NULL)
		return;
	peak->is_protected = true;
	if (peak->is_between && is_in(peak->prev, peak->stream))
		peak->prev->is_protected = true;
	show(t);
	for (uint32_t i = 0; i < t->processes; i++)
		if (is_missing(&t->process[i]))
			place(t, i);
}
