/* SPDX-License-Identifier: MIT */
/* Thin samples: the processes in them. */
#include <stdlib.h>

#include "base/alloc.h"
#include "merge/thin_internal.h"

#define UNSHOWN_MAX 20000 /* twice what mempeak lists */
#define AHEAD 4

static uint32_t take_entry(struct thin *t)
{
	uint32_t i = t->free_process;
	if (i != THIN_NONE) {
		t->free_process = t->process[i].next;
		return i;
	}
	t->process =
	    alloc_grow(t->process, &t->processes_cap, t->processes + 1, sizeof *t->process);
	return (uint32_t)t->processes++;
}

static uint32_t add_process(struct thin *t, pid_t pid)
{
	uint32_t i = take_entry(t);
	t->process[i] = (struct thin_process){
	    .pid = pid,
	    .stream = t->stream,
	    .next = THIN_NONE,
	};
	(void)tick_notes_created(&t->now.notes, pid, &t->process[i].created_us);
	pidmap_set(&t->live, pid, i);
	return i;
}

/* Return the process that PID is in one of the next rows of the previous tick, or THIN_NONE. Rows
 * mostly have the same order in each tick, so it is nearly always the next one. */
static uint32_t expect(struct thin *t, pid_t pid)
{
	const struct thin_node *previous = t->previous;
	size_t rows = previous != NULL ? previous->rows : 0;
	for (size_t i = t->next; i < rows && i < t->next + AHEAD; i++)
		if (previous->row[i].pid == pid) {
			t->next = i + 1;
			return previous->row[i].process;
		}
	return THIN_NONE;
}

uint32_t thin_processes_find(struct thin *t, pid_t pid)
{
	uint32_t i = expect(t, pid);
	if (i == THIN_NONE)
		i = pidmap_get(&t->live, pid);
	if (i == PIDMAP_NONE || t->process[i].last_tick + 1 != t->number)
		return add_process(t, pid);
	t->continued++;
	return i;
}

/* Keep the text of ROW, the last one of process I. */
static void exit_process(
    struct thin *t, uint32_t i, const struct thin_node *tick, const struct thin_row *row)
{
	struct thin_process *p = &t->process[i];
	p->exited = true;
	buf_put(&p->text, tick->text.p + row->at, row->n);
	if (p->rows == 0)
		t->unshown++;
}

void thin_processes_exit(struct thin *t)
{
	const struct thin_node *previous = t->previous;
	if (previous == NULL || (t->tick != NULL && t->continued == previous->rows))
		return;
	for (size_t i = 0; i < previous->rows; i++) {
		uint32_t process = previous->row[i].process;
		if (t->tick == NULL || t->process[process].last_tick != t->number)
			exit_process(t, process, previous, &previous->row[i]);
	}
}

void thin_processes_drop_row(struct thin *t, uint32_t i)
{
	struct thin_process *p = &t->process[i];
	if (--p->rows == 0 && p->exited)
		t->unshown++;
}

struct ranked {
	uint64_t kib;
	uint32_t i;
};

static int by_size(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->kib != y->kib)
		return x->kib < y->kib ? 1 : -1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static void free_entry(struct thin *t, uint32_t i)
{
	struct thin_process *p = &t->process[i];
	if (pidmap_get(&t->live, p->pid) == i)
		pidmap_remove(&t->live, p->pid);
	buf_free(&p->text);
	*p = (struct thin_process){.next = t->free_process};
	t->free_process = i;
}

void thin_processes_evict(struct thin *t)
{
	if (t->unshown <= UNSHOWN_MAX)
		return;
	struct ranked *r = alloc_resize(NULL, t->processes, sizeof *r);
	size_t n = 0;
	for (uint32_t i = 0; i < t->processes; i++) {
		const struct thin_process *p = &t->process[i];
		if (p->pid != 0 && p->rows == 0 && p->exited)
			r[n++] = (struct ranked){p->stream->dropped ? 0 : p->peak_kib, i};
	}
	qsort(r, n, sizeof *r, by_size);
	for (size_t i = UNSHOWN_MAX / 2; i < n; i++)
		free_entry(t, r[i].i);
	t->unshown = n < UNSHOWN_MAX / 2 ? n : UNSHOWN_MAX / 2;
	free(r);
}
