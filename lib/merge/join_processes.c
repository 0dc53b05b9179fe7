/* SPDX-License-Identifier: MIT */
/* Join streams of samples: the processes, and their process IDs in the output. */
#include "base/alloc.h"
#include "merge/join_internal.h"
#include "merge/thin_internal.h"
#include "stream/tsv.h"

#define AHEAD 4

static uint32_t take_entry(struct join *j)
{
	uint32_t i = j->free_process;
	if (i != JOIN_NONE) {
		j->free_process = j->process[i].next;
		return i;
	}
	j->process =
	    alloc_grow(j->process, &j->processes_cap, j->processes + 1, sizeof *j->process);
	return (uint32_t)j->processes++;
}

/* Return PID, unless another process has it in the output: then a number that no system gives to a
 * process. */
static pid_t choose_id(struct join *j, pid_t pid)
{
	while (pidmap_get(&j->ids, pid) != PIDMAP_NONE) {
		pid = j->next_id;
		j->next_id = pid == INT32_MAX ? JOIN_REAL_PIDS + 1 : pid + 1;
	}
	return pid;
}

static uint32_t add_process(struct join *j, struct join_stream *s, pid_t pid)
{
	uint32_t i = take_entry(j);
	int64_t created_us = JOIN_UNKNOWN;
	if (tick_notes_created(&s->now.notes, pid, &created_us))
		created_us += s->shift_us;
	j->process[i] = (struct join_process){
	    .stream = s,
	    .pid = pid,
	    .id = choose_id(j, pid),
	    .created_us = created_us,
	    .exited_us = JOIN_UNKNOWN,
	    .next = JOIN_NONE,
	};
	pidmap_set(&j->ids, j->process[i].id, i);
	pidmap_set(&s->live, pid, i);
	join_hosts_add(j, s, i);
	return i;
}

/* Return the process that PID is in the tick before, if it is at the same place or a little later:
 * rows mostly have the same order in each tick. Else return JOIN_NONE. */
static uint32_t expect(const struct join *j, const struct join_stream *s, pid_t pid)
{
	const struct join_tick *before = s->current;
	size_t from = s->pending->rows;
	for (size_t i = from; i < before->rows && i < from + AHEAD; i++) {
		uint32_t process = before->row[i].process;
		if (j->process[process].pid == pid)
			return process;
	}
	return JOIN_NONE;
}

uint32_t join_processes_find(struct join *j, struct join_stream *s, pid_t pid)
{
	uint32_t i = expect(j, s, pid);
	if (i == JOIN_NONE)
		i = pidmap_get(&s->live, pid);
	return i != PIDMAP_NONE ? i : add_process(j, s, pid);
}

pid_t join_processes_parent(const struct join *j, const struct join_stream *s, pid_t ppid)
{
	uint32_t i = ppid != 0 ? pidmap_get(&s->live, ppid) : PIDMAP_NONE;
	if (i != PIDMAP_NONE)
		return j->process[i].id;
	/* A parent outside the tree is not a process of another stream. */
	return pidmap_get(&j->ids, ppid) == PIDMAP_NONE ? ppid : 0;
}

void join_processes_append(struct join *j, struct join_list *list, uint32_t i)
{
	j->process[i].next = JOIN_NONE;
	if (list->first == JOIN_NONE)
		list->first = i;
	else
		j->process[list->last].next = i;
	list->last = i;
}

/* Keep the text of ROW without memory. */
static void keep_text(const struct join *j, struct join_process *p, const struct join_tick *tick,
    const struct join_row *row)
{
	struct slice text = {tick->text.p + row->at, row->n};
	p->ppid = row->ppid;
	(void)tsv_take_field(&text); /* the empty one before the first tab */
	for (size_t i = 0; i < j->columns.n; i++) {
		struct slice field = tsv_take_field(&text);
		buf_char(&p->text, '\t');
		if (!j->is_memory[i])
			buf_put(&p->text, field.p, field.n);
	}
}

void join_processes_exit(struct join *j, struct join_stream *s, uint32_t i,
    const struct join_tick *tick, const struct join_row *row)
{
	struct join_process *p = &j->process[i];
	if (p->exited)
		return; /* its tick has two rows of it */
	p->exited = true;
	keep_text(j, p, tick, row);
	pidmap_remove(&s->live, p->pid);
	join_processes_append(j, &s->exits, i);
}

void join_processes_release(struct join *j, struct join_stream *s)
{
	for (uint32_t i = s->exits.first, next; i != JOIN_NONE; i = next) {
		next = j->process[i].next;
		j->process[i].exit = j->moment;
		join_hosts_release(j, i);
		join_processes_append(j, &j->exited, i);
	}
	s->exits = (struct join_list){JOIN_NONE, JOIN_NONE};
}

void join_processes_put(const struct join *j, uint64_t moment, struct buf *out)
{
	for (uint32_t i = j->exited.first; i != JOIN_NONE; i = j->process[i].next) {
		const struct join_process *p = &j->process[i];
		if (p->exit > moment)
			break;
		if (p->written_in == 0)
			continue;
		if (p->command_kib > 0) {
			buf_str(out, "#command_maxrss_kib\t");
			buf_u64(out, p->command_kib);
			buf_char(out, '\t');
			buf_u64(out, (uint64_t)p->id);
			buf_char(out, '\n');
		}
		if (p->exited_us != JOIN_UNKNOWN)
			thin_lines_put_time(out, "#exited", p->id, p->exited_us);
	}
}

void join_processes_forget(struct join *j, uint32_t i)
{
	struct join_process *p = &j->process[i];
	pidmap_remove(&j->ids, p->id);
	buf_free(&p->text);
	p->next = j->free_process;
	j->free_process = i;
}

void join_processes_free(struct join *j, uint64_t moment)
{
	while (j->exited.first != JOIN_NONE) {
		uint32_t i = j->exited.first;
		struct join_process *p = &j->process[i];
		if (p->exit > moment)
			break;
		j->exited.first = p->next;
		if (p->written_in == 0)
			join_processes_append(j, &j->unseen, i);
		else
			join_processes_forget(j, i);
	}
}
