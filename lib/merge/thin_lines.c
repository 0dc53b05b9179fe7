/* SPDX-License-Identifier: MIT */
/* Thin samples: `#` lines. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "base/parse.h"
#include "merge/thin_internal.h"
#include "stream/tsv.h"

#define KIB_MAX (UINT64_MAX >> 20)

/* Parse `NUMBER`, and after a tab, unless AFTER is NULL, another number. */
static bool parse_numbers(struct slice value, uint64_t *number, uint64_t *after)
{
	struct slice first = tsv_take_field(&value);
	if (parse_u64(first.p, first.n, KIB_MAX, number) != NULL)
		return false;
	if (after != NULL && parse_u64(value.p, value.n, KIB_MAX, after) != NULL)
		*after = 0;
	return true;
}

static void note_exited(struct thin *t, struct slice value)
{
	pid_t pid;
	int64_t us;
	uint32_t i = tick_notes_parse_time(value, &pid, &us) ? pidmap_get(&t->live, pid) : PIDMAP_NONE;
	if (i != PIDMAP_NONE)
		t->process[i].exited_us = us;
}

/* Take a fact about the next tick. An invalid number is ignored. */
static void note_fact(struct thin_facts *f, struct slice line)
{
	struct slice value;
	uint64_t kib = 0, after = 0;
	if (tsv_is_meta(line, "#bound_kib", &value) && parse_numbers(value, &kib, &after)) {
		f->bound_known = true;
		f->bound_kib = kib;
		f->bound_exits = after;
	} else if (tsv_is_meta(line, "#pss_bound_kib", &value) &&
		   parse_numbers(value, &kib, NULL)) {
		f->pss_known = true;
		f->pss_bound_kib = kib;
	} else if (tsv_is_meta(line, "#shared_kib", &value) && parse_numbers(value, &kib, &after)) {
		f->shared_kib = kib;
		f->shared_at_kib = after;
	} else if (tsv_is_meta(line, "#unseen_kib", &value) && parse_numbers(value, &kib, NULL)) {
		f->unseen_kib = kib;
	}
}

void thin_lines_take(struct thin *t, struct slice line)
{
	struct slice value;
	buf_put(&t->lines, line.p, line.n);
	buf_char(&t->lines, '\n');
	if (tsv_is_meta(line, "#started", &value))
		t->watched = true;
	else if (tsv_is_meta(line, "#exited", &value))
		note_exited(t, value);
	else if (!tick_notes_take(&t->before.notes, line) && samples_is_of_tick(line))
		note_fact(&t->before.facts, line);
}

/* Forget what is known of a tick. */
static void clear(struct thin_before *b)
{
	tick_notes_clear(&b->notes);
	b->facts = (struct thin_facts){0};
}

void thin_lines_begin_tick(struct thin *t)
{
	struct thin_before now = t->before;
	t->before = t->now;
	t->now = now;
	clear(&t->before);
}

void thin_lines_free(struct thin *t)
{
	tick_notes_free(&t->before.notes);
	tick_notes_free(&t->now.notes);
}

void thin_lines_merge(struct thin_facts *f, const struct thin_facts *other)
{
	if (other->bound_known && (!f->bound_known || other->bound_kib >= f->bound_kib)) {
		f->bound_known = true;
		f->bound_kib = other->bound_kib;
		f->bound_exits = other->bound_exits;
	}
	f->pss_known |= other->pss_known;
	f->pss_bound_kib = max_u64(f->pss_bound_kib, other->pss_bound_kib);
	if (other->shared_at_kib > f->shared_at_kib) {
		f->shared_kib = other->shared_kib;
		f->shared_at_kib = other->shared_at_kib;
	}
	f->unseen_kib += other->unseen_kib;
}

void thin_lines_put(const struct thin_facts *f, struct buf *out)
{
	if (f->unseen_kib > 0)
		buf_printf(out, "#unseen_kib\t%" PRIu64 "\n", f->unseen_kib);
	if (f->bound_known)
		buf_printf(
		    out, "#bound_kib\t%" PRIu64 "\t%" PRIu64 "\n", f->bound_kib, f->bound_exits);
	if (f->pss_known)
		buf_printf(out, "#pss_bound_kib\t%" PRIu64 "\n", f->pss_bound_kib);
	if (f->shared_at_kib > 0)
		buf_printf(out, "#shared_kib\t%" PRIu64 "\t%" PRIu64 "\n", f->shared_kib,
		    f->shared_at_kib);
}

void thin_lines_put_time(struct buf *out, const char *key, pid_t pid, int64_t us)
{
	buf_printf(out, "%s\t%ld\t", key, (long)pid);
	buf_time(out, us);
	buf_char(out, '\n');
}
