/* SPDX-License-Identifier: MIT */
/* Facts about the processes of a tick, from the `#` lines before it. */
#include "stream/tick_notes.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "stream/tsv.h"

bool tick_notes_parse_time(struct slice value, pid_t *pid, int64_t *us)
{
	struct slice first = tsv_take_field(&value);
	return parse_pid(first.p, first.n, pid) == NULL &&
	       parse_time_us(value.p, value.n, us) == NULL;
}

static void note_created(struct tick_notes *notes, struct slice value)
{
	pid_t pid;
	int64_t us;
	if (!tick_notes_parse_time(value, &pid, &us))
		return;
	notes->created_us =
	    alloc_grow(notes->created_us, &notes->cap, notes->n + 1, sizeof *notes->created_us);
	pidmap_set(&notes->created, pid, (uint32_t)notes->n);
	notes->created_us[notes->n++] = us;
}

static void note_mark_age(struct tick_notes *notes, struct slice value)
{
	struct slice first = tsv_take_field(&value);
	pid_t pid;
	if (parse_pid(first.p, first.n, &pid) == NULL)
		pidmap_set(&notes->mark_ages, pid,
		    slice_is(value, "0") ? MARK_PREDATES : MARK_UNDATED);
}

bool tick_notes_take(struct tick_notes *notes, struct slice line)
{
	struct slice value;
	if (tsv_is_meta(line, "#mark_since", &value))
		note_mark_age(notes, value);
	else if (tsv_is_meta(line, "#created", &value))
		note_created(notes, value);
	else
		return false;
	return true;
}

bool tick_notes_created(const struct tick_notes *notes, pid_t pid, int64_t *us)
{
	uint32_t i = notes->n > 0 ? pidmap_get(&notes->created, pid) : PIDMAP_NONE;
	if (i == PIDMAP_NONE)
		return false;
	*us = notes->created_us[i];
	return true;
}

enum mark_age tick_notes_find_age(const struct tick_notes *notes, pid_t pid)
{
	uint32_t age = pidmap_get(&notes->mark_ages, pid);
	return age != PIDMAP_NONE ? (enum mark_age)age : MARK_DATED;
}

void tick_notes_clear(struct tick_notes *notes)
{
	notes->n = 0;
	pidmap_free(&notes->mark_ages);
	pidmap_free(&notes->created);
}

void tick_notes_free(struct tick_notes *notes)
{
	tick_notes_clear(notes);
	free(notes->created_us);
}
