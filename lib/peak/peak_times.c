/* SPDX-License-Identifier: MIT */
/* When processes were created and exited, as the stream has it. */
#include "peak/peak_internal.h"

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
	uint32_t i = tick_notes_parse_time(value, &pid, &us) ? pidmap_get(&k->live, pid) : PIDMAP_NONE;
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
	int64_t created_us, us = k->tick == t->first_tick ? t->started_us : 0;
	if (tick_notes_created(&k->notes, p->pid, &created_us))
		us = max_i64(created_us, t->started_us);
	if (us == 0 || us >= k->time_us)
		return;
	set_first(&p->row, us);
	set_first(&k->group[p->group].row, us);
	set_first(&k->total, us);
}
