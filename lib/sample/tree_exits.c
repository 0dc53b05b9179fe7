/* SPDX-License-Identifier: MIT */
/* The processes that have left the tree since the last tick. */
#include "base/alloc.h"
#include "sample/tree_internal.h"

void tree_add_exit(struct tree *t, const struct tree_exit *e)
{
	t->exit = alloc_grow(t->exit, &t->exit_cap, t->exits + 1, sizeof *t->exit);
	t->exit[t->exits++] = *e;
}

void tree_add_leaving(struct tree *t, const struct tree_exit *e)
{
	t->leaving = alloc_grow(t->leaving, &t->leaving_cap, t->leavings + 1, sizeof *t->leaving);
	t->leaving[t->leavings++] = *e;
}

void tree_leave(struct tree *t, pid_t pid, int64_t exited_ns)
{
	for (size_t i = t->leavings; i-- > 0;) {
		if (pid != 0 && t->leaving[i].pid != pid)
			continue;
		t->leaving[i].exited_ns = exited_ns;
		tree_add_exit(t, &t->leaving[i]);
		t->leaving[i] = t->leaving[--t->leavings];
	}
}

void tree_take_out(struct tree *t, struct tree_process *m)
{
	uint32_t i = pidmap_get(&t->index, m->process.pid);
	struct tree_exit e = {
	    .pid = m->process.pid,
	    .ppid = m->process.ppid,
	    .created_ns = m->created_ns,
	    .executed_ns = m->executed_ns,
	    .exited_ns = m->exited_ns,
	    .bound = m->bound,
	    .pss = m->pss,
	    .process = m->process,
	};
	if (i != PIDMAP_NONE && &t->v[i] == m)
		pidmap_remove(&t->index, m->process.pid);
	if (t->in_order && e.exited_ns == 0)
		tree_add_leaving(t, &e);
	else
		tree_add_exit(t, &e);
	t->kept -= process_keeps_descriptors(&m->process);
	if (m->new && !m->process.memory_known) {
		t->unread =
		    alloc_grow(t->unread, &t->unread_cap, t->unread_n + 1, sizeof *t->unread);
		t->unread[t->unread_n++] = *m;
	} else {
		buf_free(&m->row.text);
	}
}

void tree_release_exited(struct tree *t)
{
	for (size_t i = 0; i < t->unread_n; i++)
		buf_free(&t->unread[i].row.text);
	for (size_t i = 0; i < t->exits; i++)
		process_close(&t->exit[i].process);
	t->unread_n = t->exits = 0;
}
