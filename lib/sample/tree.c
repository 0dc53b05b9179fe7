/* SPDX-License-Identifier: MIT */
/* The process tree being measured. */
#include "sample/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/minmax.h"
#include "sample/tree_internal.h"

/* The share of the descriptors that processes use. The first processes keep all of theirs. When
 * these have used an eighth, each further process keeps only the one for its memory. The rest is
 * for page-fault events. */
#define KEEP_ALL_PART(descriptors) ((descriptors) / 8)
#define KEEP_PART(descriptors) ((descriptors) / 8 * 5)

/* At rest, so many processes, or this share of a large tree, have their status read in each tick: a
 * tick of a small tree reads all, and a large tree is through after 64 ticks. */
#define REFRESH_LEAST 4
#define REFRESH_SHARE 64

/* The memory of all processes is taken as read at one moment if it took no longer than this: little
 * can be freed in it. */
#define READ_AT_ONCE_NS 300000

/* Memory and page faults are taken as read at one moment if there was no more time between them. A
 * process touches at most some dozen pages in it. */
#define FAULTS_WITH_MEMORY_NS 40000

/* A new process is compared with so many others, the last ones first, whose VSZ differs by less
 * than this part. */
#define VSZ_COMPARED_MOST 16
#define VSZ_PART 16

void tree_init(struct tree *t, bool follow)
{
	*t = (struct tree){.follow = follow};
	t->unavailable = processes_unavailable();
	t->descriptors = fd_limit();
	(void)process_events_open(&t->events);
	process_creations_start(&t->creations);
	tree_leave_out(t, getpid());
}

bool tree_has(const struct tree *t, pid_t pid)
{
	return pidmap_get(&t->index, pid) != PIDMAP_NONE;
}

/* Return what the next process may keep open. */
static int keep_next(const struct tree *t)
{
	if (t->kept < KEEP_ALL_PART(t->descriptors))
		return PROCESS_KEEP_ALL;
	return t->kept < KEEP_PART(t->descriptors) ? PROCESS_KEEP_MEMORY : PROCESS_KEEP_NONE;
}

void tree_leave_out(struct tree *t, pid_t pid)
{
	pidmap_set(&t->own, pid, 0);
}

bool tree_set_launcher(struct tree *t, pid_t launcher)
{
	tree_leave_out(t, launcher);
	if (getpgid(launcher) == getpgrp())
		return false;
	t->own_group = getpgrp();
	return true;
}

bool tree_leaves_out(const struct tree *t, pid_t pid)
{
	return pidmap_get(&t->own, pid) != PIDMAP_NONE ||
	       (t->own_group > 0 && getpgid(pid) == t->own_group);
}

int tree_open(struct tree *t, pid_t pid)
{
	struct process p;
	if (tree_has(t, pid) || tree_leaves_out(t, pid))
		return 0;
	if (process_open(&p, pid, keep_next(t)) != 0)
		return -1;
	t->v = alloc_grow(t->v, &t->cap, t->n + 1, sizeof *t->v);
	t->kept += process_keeps_descriptors(&p);
	if (t->events.fd >= 0)
		(void)process_events_watch(&t->events, pid); /* its exit is found anyway */
	int64_t now_ns = clock_mono_ns();
	t->v[t->n] = (struct tree_process){
	    .process = p, .new = true, .opened_ns = now_ns, .mark_read_ns = now_ns};
	pidmap_set(&t->index, pid, (uint32_t)t->n++);
	return 0;
}

int tree_add(struct tree *t, pid_t pid)
{
	size_t before = t->n;
	if (t->unavailable != NULL) {
		errno = EACCES;
		return -1;
	}
	if (tree_open(t, pid) != 0)
		return -1;
	if (t->n > before) {
		t->v[before].mark_predates = true;
		tree_note_ancestors(t, t->v[before].process.ppid);
	}
	return 0;
}

int tree_join(struct tree *t, pid_t pid, bool predates)
{
	size_t before = t->n;
	if (tree_open(t, pid) != 0)
		return -1;
	if (t->n > before) {
		t->v[before].not_inherited = true;
		t->v[before].mark_predates = predates;
	}
	return 0;
}

void tree_set_reaper(struct tree *t, pid_t reaper)
{
	struct process_list children = {0};
	process_close(&t->reaper);
	if (process_open(&t->reaper, reaper, PROCESS_KEEP_ALL) == 0 &&
	    process_read_faults(&t->reaper) == 0)
		t->reaper_faults = t->reaper.children_faults;
	(void)processes_children(&children, reaper);
	for (size_t i = 0; i < children.n; i++)
		pidmap_set(&t->excluded, children.v[i].pid, 0);
	process_list_free(&children);
}

int tree_fd(const struct tree *t)
{
	return t->events.fd;
}

/* A PID that is given out again belongs to another process. */
void tree_forget_pid(struct tree *t, pid_t pid)
{
	pidmap_remove(&t->index, pid);
}

/* ---- reading */

/* Read the status of M. Return whether anything in it changed. */
static bool read_status(struct tree *t, struct tree_process *m, int64_t now_ns)
{
	uint64_t before = m->process.hwm_kib;
	int changed = process_read_status(&m->process);
	if (changed < 0)
		return false; /* it has just exited, which the next tree_read finds */
	if (m->process.hwm_kib > before && m->mark_read_ns < t->read_ns && !m->new)
		m->mark_unsure_ns = m->mark_read_ns;
	m->mark_read_ns = now_ns;
	return changed != 0;
}

/* Return whether M uses the memory of one of the N processes read before it in this tick. This need
 * not be its parent: clone(2) can create a sibling, and the parent can exit. The VSZ of both differ
 * only by what is mapped between the two reads. */
static bool is_borrowing_from(const struct tree *t, size_t n, const struct tree_process *m)
{
	uint64_t vsz_kib = m->process.vsz_kib;
	size_t left = VSZ_COMPARED_MOST;
	for (size_t i = n; left > 0 && i-- > 0;) {
		const struct tree_process *other = &t->v[i];
		uint64_t most_kib = max_u64(other->process.vsz_kib, vsz_kib);
		uint64_t least_kib = min_u64(other->process.vsz_kib, vsz_kib);
		if (!other->sampled || most_kib - least_kib > most_kib / VSZ_PART)
			continue;
		if (process_has_memory_of(&m->process, &other->process))
			return true;
		left--;
	}
	return false;
}

/* Return whether M, which is new, uses the memory of a process that is counted: of its parent, or
 * of one of the N that were read before it in this tick. */
static bool is_borrowing(const struct tree *t, size_t n, const struct tree_process *m)
{
	uint32_t parent = pidmap_get(&t->index, m->process.ppid);
	if (parent != PIDMAP_NONE && process_shares_memory(&m->process, &t->v[parent].process))
		return true;
	return is_borrowing_from(t, n, m);
}

/* Return whether M is a copy made by fork(2) that has not run yet: it would have taken a page
 * fault. Its memory is still that of its parent. */
static bool is_untouched_copy(struct tree_process *m)
{
	return m->created_ns != 0 && process_read_faults(&m->process) == 0 &&
	       m->process.faults == 0;
}

/* Read the page faults of M, whose memory was read at READ_NS. Growth since then would never be
 * counted, so if that was a while ago, read its memory again. */
static void read_faults(struct tree_process *m, int64_t read_ns)
{
	if (m->process.executing)
		return;
	(void)process_read_faults(&m->process); /* it may have exited: the last ones remain */
	if (clock_mono_ns() - read_ns <= FAULTS_WITH_MEMORY_NS ||
	    process_read_memory(&m->process) <= 0)
		return;
	/* Memory that was swapped in since the status was read would count twice. */
	if (m->process.swap_kib > 0)
		(void)process_read_status(&m->process);
}

/* Sample M, after N others. Return 0, or -1 if it has exited. */
static int read_one(struct tree *t, size_t n, struct tree_process *m, int64_t now_ns, bool refresh)
{
	/* Ask before the read, since the process may execute a program meanwhile. */
	bool borrowing = m->new && !process_is_executing(&m->process) &&
			 (is_untouched_copy(m) || is_borrowing(t, n, m));
	uint64_t status_vsz_kib = m->process.vsz_kib;
	int64_t read_ns = clock_mono_ns();
	int changed = process_read_memory(&m->process);
	if (m->sampled)
		m->mark_predates = m->not_inherited = false;
	m->sampled = changed >= 0 && !borrowing;
	m->changed = m->refreshed = false;
	if (changed < 0)
		return -1;
	if (borrowing)
		return 0;
	m->changed = changed > 0 || m->new;
	m->refreshed = refresh;
	m->mark_unsure_ns = 0;
	/* The status of a new process has just been read, which is enough unless it has executed a
	 * program since. */
	bool just_read =
	    m->new && m->process.vsz_kib == status_vsz_kib && t->read_ns < m->mark_read_ns;
	if ((m->changed || refresh) && !just_read && read_status(t, m, now_ns))
		m->changed = true;
	if (m->changed)
		read_faults(m, read_ns);
	m->new = false;
	return 0;
}

static void release(struct tree *t, struct tree_process *m)
{
	t->kept -= process_keeps_descriptors(&m->process);
	process_close(&m->process);
	buf_free(&m->row.text);
}

/*
 * Reading the processes takes a while, longer if this program had to wait for a CPU. Meanwhile one
 * can give memory back and another take as much: the sum would be more than was ever held. Read
 * them once more, and keep the lesser of both values of each: all of these were held at one moment
 * between the two reads.
 */
static void read_again(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].sampled && t->v[i].changed)
			process_read_less_memory(&t->v[i].process);
}

/* The times of events are those since this read, from now on. */
static void forget_times(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!t->v[i].new)
			t->v[i].created_ns = 0;
		t->v[i].executed_ns = 0;
	}
	for (size_t i = 0; i < t->leavings; i++)
		t->leaving[i].created_ns = 0;
}

size_t tree_read(struct tree *t, int64_t now_ns, unsigned flags)
{
	size_t refresh_n = t->n <= REFRESH_LEAST ? REFRESH_LEAST : 1 + t->n / REFRESH_SHARE;
	size_t refresh_from = t->refresh_from < t->n ? t->refresh_from : 0;
	size_t left = 0, changed = 0;
	t->missed = t->missed_now;
	t->missed_now = 0;
	t->in_order = t->events.fd >= 0 && !t->events_lost;
	t->events_lost = false;
	if (!t->in_order)
		tree_leave(t, 0, 0);
	for (size_t i = 0; i < t->n; i++) {
		struct tree_process *m = &t->v[i];
		/* Hugetlb pages show in the status only. */
		bool refresh = (flags & TREE_ALL_MARKS) != 0 || i - refresh_from < refresh_n ||
			       m->process.hugetlb_kib > 0;
		if (read_one(t, left, m, now_ns, refresh) != 0) {
			tree_take_out(t, m);
			continue;
		}
		changed += m->changed;
		if (left != i) {
			t->v[left] = *m;
			pidmap_set(&t->index, m->process.pid, (uint32_t)left);
		}
		left++;
	}
	t->n = t->given_from = left;
	if (changed > 1 && clock_mono_ns() - now_ns > READ_AT_ONCE_NS)
		read_again(t);
	t->refresh_from = refresh_from + refresh_n;
	t->read_ns = now_ns;
	return changed;
}

void tree_end_tick(struct tree *t)
{
	tree_release_exited(t);
	forget_times(t);
}

void tree_free(struct tree *t)
{
	tree_leave(t, 0, 0);
	tree_release_exited(t);
	for (size_t i = 0; i < t->n; i++)
		release(t, &t->v[i]);
	pidmap_free(&t->index);
	pidmap_free(&t->excluded);
	pidmap_free(&t->own);
	pidmap_free(&t->above);
	pidmap_free(&t->elders);
	process_list_free(&t->executed);
	for (size_t i = 0; i < t->possibles; i++)
		process_close(&t->possible[i]);
	free(t->possible);
	pidmap_free(&t->pending_index);
	process_close(&t->reaper);
	free(t->v);
	free(t->unread);
	free(t->exit);
	free(t->leaving);
	free(t->pending);
	process_events_close(&t->events);
	process_creations_end(&t->creations);
}
