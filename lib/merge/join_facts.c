/* SPDX-License-Identifier: MIT */
/* Join streams of samples: `#` lines about ticks. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "base/parse.h"
#include "merge/join_internal.h"
#include "stream/tsv.h"

#define KIB_MAX (UINT64_MAX >> 20)

/* Return the process with PID that the last tick of S had no more, or PIDMAP_NONE: the line
 * about an exit can follow the first tick without the process. */
static uint32_t exit_of(const struct join *j, const struct join_stream *s, pid_t pid)
{
	uint32_t found = PIDMAP_NONE;
	for (uint32_t i = j->exited.first; i != JOIN_NONE; i = j->process[i].next)
		if (j->process[i].pid == pid && j->process[i].stream == s)
			found = i;
	return found;
}

static void note_exited(struct join *j, const struct join_stream *s, struct slice value)
{
	pid_t pid;
	int64_t us;
	if (!tick_notes_parse_time(value, &pid, &us))
		return;
	uint32_t i = pidmap_get(&s->live, pid);
	if (i == PIDMAP_NONE)
		i = exit_of(j, s, pid);
	if (i != PIDMAP_NONE)
		j->process[i].exited_us = us + s->shift_us;
}

static void note_command(struct join *j, const struct join_stream *s, struct slice value)
{
	struct slice first = tsv_take_field(&value);
	uint64_t kib;
	pid_t pid;
	if (parse_u64(first.p, first.n, KIB_MAX, &kib) != NULL ||
	    parse_pid(value.p, value.n, &pid) != NULL)
		return;
	uint32_t i = pidmap_get(&s->live, pid);
	if (i != PIDMAP_NONE)
		j->process[i].command_kib = kib;
}

static void note_bound(struct join_facts *f, struct slice value)
{
	struct slice kib = tsv_take_field(&value);
	if (parse_u64(kib.p, kib.n, KIB_MAX, &f->bound_kib) != NULL)
		return;
	f->bound_known = true;
	f->exits = 0;
	(void)parse_u64(value.p, value.n, KIB_MAX, &f->exits);
}

void join_facts_take(struct join *j, struct join_stream *s, struct slice line)
{
	struct join_facts *f = &s->before;
	struct slice value;
	if (tsv_is_meta(line, "#bound_kib", &value))
		note_bound(f, value);
	else if (tsv_is_meta(line, "#exited", &value))
		note_exited(j, s, value);
	else if (tsv_is_meta(line, "#command_maxrss_kib", &value))
		note_command(j, s, value);
	else if (tsv_is_meta(line, "#unseen_kib", &value))
		(void)parse_u64(value.p, value.n, KIB_MAX, &f->unseen_kib);
	else
		(void)tick_notes_take(&f->notes, line);
}

static void clear(struct join_facts *f)
{
	tick_notes_clear(&f->notes);
	f->bound_known = false;
	f->bound_kib = f->exits = f->unseen_kib = 0;
}

void join_facts_begin_tick(struct join_stream *s)
{
	struct join_facts now = s->before;
	s->before = s->now;
	s->now = now;
	clear(&s->before);
}

void join_facts_free(struct join_stream *s)
{
	tick_notes_free(&s->before.notes);
	tick_notes_free(&s->now.notes);
}
