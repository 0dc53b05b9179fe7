/* SPDX-License-Identifier: MIT */
/* When processes were created and exited, as the stream has it. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "peak/peak_internal.h"
#include "stream/tsv.h"

/* Parse `PID<tab>TIME`. Return whether it is valid. */
static bool parse(struct slice value, pid_t *pid, int64_t *us)
{
	struct slice first = tsv_take_field(&value);
	return parse_pid(first.p, first.n, pid) == NULL &&
	       parse_time_us(value.p, value.n, us) == NULL;
}

void peak_times_note_created(struct peak *k, struct slice value)
{
	struct peak_times *t = &k->times;
	pid_t pid;
	int64_t us;
	if (!parse(value, &pid, &us))
		return;
	t->created = alloc_grow(t->created, &t->cap, t->n + 1, sizeof *t->created);
	pidmap_set(&t->index, pid, (uint32_t)t->n);
	t->created[t->n++] = us;
}

static void set_first(struct peak_row *r, int64_t us)
{
	if (r->first_us == 0 || us < r->first_us)
		r->first_us = us;
}

static void set_last(struct peak_row *r, int64_t us)
{
	r->last_us = max_i64(r->last_us, us);
}

/* The system reports an exit at most some milliseconds late, and never after `#end`. */
void peak_times_note_exited(struct peak *k, struct slice value)
{
	pid_t pid;
	int64_t us;
	uint32_t i = parse(value, &pid, &us) ? pidmap_get(&k->live, pid) : PIDMAP_NONE;
	if (i == PIDMAP_NONE || k->process[i].row.ticks == 0)
		return;
	struct peak_process *p = &k->process[i];
	if (k->times.end_us != 0)
		us = min_i64(us, k->times.end_us);
	set_last(&p->row, us);
	set_last(&k->group[p->group].row, us);
	set_last(&k->total, us);
}

void peak_times_begin_stream(struct peak *k)
{
	if (!k->watched)
		k->times.started_us = 0;
	k->times.end_us = 0;
	k->times.first_tick = k->tick + 1;
}

/* A command is created before it is executed, which is when the run starts. */
void peak_times_set_first(struct peak *k, struct peak_process *p)
{
	const struct peak_times *t = &k->times;
	uint32_t i = t->n > 0 ? pidmap_get(&t->index, p->pid) : PIDMAP_NONE;
	int64_t us = k->tick == t->first_tick ? t->started_us : 0;
	if (i != PIDMAP_NONE)
		us = max_i64(t->created[i], t->started_us);
	if (us == 0 || us >= k->time_us)
		return;
	set_first(&p->row, us);
	set_first(&k->group[p->group].row, us);
	set_first(&k->total, us);
}

void peak_times_end_tick(struct peak *k)
{
	k->times.n = 0;
	pidmap_free(&k->times.index);
}

void peak_times_free(struct peak *k)
{
	pidmap_free(&k->times.index);
	free(k->times.created);
}
