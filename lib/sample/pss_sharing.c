/* SPDX-License-Identifier: MIT */
/* How much of its memory a tree shares. */
#include "sample/pss_sharing.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/minmax.h"

/* A change of PSS is of interest from this part of the total on. */
#define TOTAL_PART 64

/* A process is read again if its own values differ by this part of what matters in it. */
#define OWN_PART 4

/* Growth up to this can be by faults that were counted at the tick before. */
#define LATE_FAULTS_KIB 512

/* Faults that break sharing leave the RSS as it is. Read the faults of sharers this often. */
#define FAULTS_GAP_NS 20000000LL

/* Return whether P shares so much that a change of others matters. */
static bool is_sharer(const struct pss_sharing *s, const struct pss_process *p)
{
	return p->copied || p->saved_kib > s->least_kib ||
	       (p->read && above_u64(p->rss_kib, p->uss_kib) > s->least_kib);
}

/* Note that so much memory of P may not be shared any more. If P has saved less than that, the
 * others lose the rest. */
static void lose(struct pss_sharing *s, struct pss_process *p, uint64_t kib)
{
	uint64_t own = min_u64(kib, p->saved_kib), others = min_u64(kib - own, p->common_kib);
	p->saved_kib -= own;
	p->common_kib -= others;
	s->lost_kib += others;
}

/* ---- one tick */

/* Return the parent of M if M, which is new, can be a copy of it; else NULL. */
static struct tree_process *original_of(const struct tree *t, const struct tree_process *m)
{
	uint32_t i = pidmap_get(&t->index, m->process.ppid);
	bool executed = m->executed_ns != 0 || m->process.executing;
	return !executed && i != PIDMAP_NONE && t->v[i].sampled ? &t->v[i] : NULL;
}

/* Return the memory of P that fork(2) copies: it leaves out files. */
static uint64_t private_kib(const struct process *p)
{
	return above_u64(p->rss_kib, p->shared_kib);
}

/* M is new, or has executed a program. */
static void begin(struct pss_sharing *s, struct tree *t, struct tree_process *m)
{
	struct pss_process *p = &m->pss;
	struct tree_process *original = p->seen ? NULL : original_of(t, m);
	s->executed_kib += p->common_kib;
	s->moved = true;
	*p = (struct pss_process){
	    .seen = true, .executed = {.saved_kib = p->saved_kib, .common_kib = p->common_kib}};
	if (original == NULL)
		return;
	original->pss.copied = true;
	if (m->created_ns == 0)
		return; /* without events, M can have executed a program: nothing is sure to be shared */
	p->saved_kib =
	    above_u64(min_u64(private_kib(&m->process), private_kib(&original->process)),
		m->process.faults * s->page_kib);
	original->pss.common_kib =
	    min_u64(original->pss.common_kib + p->saved_kib, original->process.rss_kib);
}

/* Return how much can have been shared before page faults since the tick before, and not any more.
 * The faults that brought growth are not among them: a page each, unless there was more growth than
 * that. Faults are read later than memory, so the growth that they brought can appear a tick later:
 * only a new largest difference counts. A fault can bring many pages of a file, so growth in files is
 * left out. */
static uint64_t unshared_kib(const struct pss_sharing *s, struct tree_process *m, uint64_t faults)
{
	struct pss_process *p = &m->pss;
	uint64_t growth_kib = above_u64(private_kib(&m->process), p->tick_private_kib);
	uint64_t faults_kib = above_u64(faults, p->tick_faults) * s->page_kib;
	if (growth_kib > faults_kib + LATE_FAULTS_KIB)
		return faults_kib;
	p->ahead_kib += (int64_t)faults_kib - (int64_t)growth_kib;
	int64_t more_kib = max_i64(p->ahead_kib - p->most_ahead_kib, 0);
	p->most_ahead_kib += more_kib;
	return (uint64_t)more_kib;
}

/* Return the page faults of M. Those in m->process are of the time when its memory was read, and stay
 * so. */
static uint64_t faults_now(const struct tree_process *m)
{
	struct process now = m->process;
	return process_read_faults(&now) == 0 ? now.faults : 0;
}

static void update(
    struct pss_sharing *s, struct tree *t, struct tree_process *m, bool read_faults)
{
	struct pss_process *p = &m->pss;
	uint64_t faults = m->process.faults;
	if (!p->seen || m->executed_ns != 0) {
		begin(s, t, m);
	} else if (m->process.executing) {
		return; /* the memory of the old program is still being freed */
	} else {
		if (read_faults && !m->changed && is_sharer(s, p))
			faults = faults_now(m);
		lose(s, p,
		    above_u64(p->tick_rss_kib, m->process.rss_kib) + unshared_kib(s, m, faults));
	}
	p->tick_rss_kib = m->process.rss_kib;
	p->tick_private_kib = private_kib(&m->process);
	p->tick_faults = max_u64(p->tick_faults, faults);
}

/* Return the sums over processes that are not sampled any more. */
static struct pss_saved sum_of_exits(const struct tree_exit *v, size_t n)
{
	struct pss_saved sum = {0};
	for (size_t i = 0; i < n; i++) {
		sum.saved_kib += v[i].pss.saved_kib;
		sum.common_kib += v[i].pss.common_kib;
	}
	return sum;
}

/* Leave each of the exits what those that are left lose by it, of SAVED_KIB at most. */
static void settle_exits(struct tree *t, uint64_t saved_kib)
{
	for (size_t i = 0; i < t->exits; i++) {
		struct pss_process *p = &t->exit[i].pss;
		p->common_kib = min_u64(p->common_kib, saved_kib);
		saved_kib -= p->common_kib;
	}
}

/* Set the sums over the tree. */
static void add_up(struct pss_sharing *s, const struct tree *t)
{
	s->total_kib = s->saved_kib = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct tree_process *m = &t->v[i];
		if (!m->sampled)
			continue;
		s->total_kib += m->process.rss_kib;
		s->saved_kib += min_u64(m->pss.saved_kib, m->process.rss_kib);
	}
	s->least_kib = s->total_kib / TOTAL_PART / (t->n > 0 ? t->n : 1);
}

static void set_most(struct pss_sharing *s)
{
	s->most_kib =
	    min_u64(s->total_kib - s->saved_kib + s->lost_kib + s->leaving_kib, s->total_kib);
}

/* The others lose what a process shared when it has exited or executed a program. While its memory
 * is being freed, they can have lost any part of that. */
static void update_exits(struct pss_sharing *s, struct tree *t)
{
	struct pss_saved exits = sum_of_exits(t->exit, t->exits);
	struct pss_saved leaving = sum_of_exits(t->leaving, t->leavings);
	/* No process loses more than it has saved. */
	s->spread_kib = min_u64(s->lost_kib, s->saved_kib + exits.saved_kib + leaving.saved_kib);
	s->lost_kib += exits.common_kib + s->executed_kib;
	s->executed_kib = 0;
	s->leaving_kib = leaving.common_kib;
	s->moved = s->moved || exits.common_kib + leaving.common_kib > 0;
	settle_exits(t, s->saved_kib);
}

/* ---- reads during which processes were created, executed a program or exited */

static bool is_during_read(const struct pss_sharing *s, int64_t time_ns)
{
	return time_ns >= s->read_from_ns && time_ns <= s->read_to_ns;
}

static bool has_torn_exit(const struct pss_sharing *s, const struct tree_exit *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_during_read(s, v[i].created_ns) || is_during_read(s, v[i].executed_ns) ||
		    is_during_read(s, v[i].exited_ns) || (v[i].pss.seen && !v[i].pss.read))
			return true;
	return false;
}

static bool is_torn(const struct pss_sharing *s, const struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (is_during_read(s, t->v[i].created_ns) ||
		    is_during_read(s, t->v[i].executed_ns))
			return true;
	return has_torn_exit(s, t->exit, t->exits) || has_torn_exit(s, t->leaving, t->leavings);
}

static void restore(struct pss_process *p)
{
	p->saved_kib = p->before.saved_kib;
	p->common_kib = p->before.common_kib;
}

/* Pages that got or lost a sharer during the last read are in the PSS of some processes with it, and
 * in that of others without it. The sums from before the read are still right then. */
static void check_read(struct pss_sharing *s, struct tree *t)
{
	bool torn = s->just_read && is_torn(s, t);
	s->just_read = false;
	if (!torn)
		return;
	for (size_t i = 0; i < t->n; i++)
		restore(&t->v[i].pss);
	for (size_t i = 0; i < t->exits; i++)
		restore(&t->exit[i].pss);
	for (size_t i = 0; i < t->leavings; i++)
		restore(&t->leaving[i].pss);
	s->lost_kib = s->lost_before_kib;
	s->moved = true;
}

void pss_sharing_update(struct pss_sharing *s, struct tree *tree, int64_t now_ns, bool exact)
{
	bool read_faults = exact && now_ns - s->faults_ns >= FAULTS_GAP_NS;
	if (s->page_kib == 0)
		s->page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
	if (read_faults)
		s->faults_ns = now_ns;
	check_read(s, tree);
	for (size_t i = 0; i < tree->n; i++)
		if (tree->v[i].sampled)
			update(s, tree, &tree->v[i], read_faults);
	add_up(s, tree);
	update_exits(s, tree);
	set_most(s);
}

/* ---- reading */

/* Return whether M itself has changed since PSS was read. */
static bool has_changed(const struct pss_sharing *s, const struct tree_process *m)
{
	const struct pss_process *p = &m->pss;
	uint64_t least = s->least_kib / OWN_PART;
	return !p->read || apart_u64(m->process.rss_kib, p->rss_kib) > least ||
	       (is_sharer(s, p) &&
		   above_u64(p->tick_faults, p->faults) * s->page_kib > least);
}

/* Return whether any process has got other sharers since PSS was read, or may have. */
static bool has_moved(const struct pss_sharing *s, const struct tree *t)
{
	bool moved = s->moved;
	for (size_t i = 0; i < t->n && !moved; i++)
		moved = t->v[i].sampled && is_sharer(s, &t->v[i].pss) && has_changed(s, &t->v[i]);
	return moved;
}

static bool is_outdated(const struct pss_sharing *s, const struct tree_process *m, bool moved)
{
	return has_changed(s, m) || (moved && is_sharer(s, &m->pss));
}

struct pss_sharing_work pss_sharing_work(const struct pss_sharing *s, const struct tree *tree)
{
	struct pss_sharing_work work = {0};
	bool moved = has_moved(s, tree);
	for (size_t i = 0; i < tree->n; i++) {
		const struct tree_process *m = &tree->v[i];
		if (!m->sampled || !is_outdated(s, m, moved))
			continue;
		work.processes++;
		work.rss_kib += m->process.rss_kib;
	}
	return work;
}

/* Return what the sampled RSS of M can lack: the kernel counts some pages late. The RSS that is read
 * with PSS has them, so what M has saved would be too much. */
static uint64_t uncounted_kib(const struct tree_process *m)
{
	uint64_t more_kib = above_u64(m->process.pss_rss_kib, m->process.rss_kib);
	return min_u64(more_kib, process_mark_error_kib());
}

static void read_one(struct tree_process *m)
{
	struct pss_process *p = &m->pss;
	process_read_pss(&m->process);
	p->refused = !m->process.pss_known && (p->refused || p->failed);
	p->failed = !m->process.pss_known;
	p->read = m->process.pss_known;
	p->copied = false;
	if (!p->read)
		return;
	p->rss_kib = m->process.pss_rss_kib;
	p->pss_kib = m->process.pss_kib;
	p->uss_kib = m->process.uss_kib;
	p->faults = p->tick_faults;
	p->ahead_kib = p->most_ahead_kib = 0;
	p->saved_kib = above_u64(p->rss_kib - uncounted_kib(m), p->pss_kib);
	p->common_kib = above_u64(p->pss_kib, p->uss_kib);
}

/* Set the values of the tick. A process that has grown since it was sampled, while others gave
 * memory back, would count in addition to theirs. */
static void set_values(struct tree_process *m)
{
	struct process *p = &m->process;
	p->pss_known = m->pss.read;
	p->pss_kib = min_u64(m->pss.pss_kib, p->rss_kib + process_mark_error_kib());
	p->uss_kib = m->pss.uss_kib;
}

/* Return the PSS of M, or its RSS if PSS cannot be read. One that has just failed to be read is
 * exiting, or executes a program: it counts as nothing. */
static uint64_t result_kib(const struct tree_process *m)
{
	if (m->pss.read)
		return m->process.pss_kib;
	return m->pss.refused ? m->process.rss_kib : 0;
}

uint64_t pss_sharing_read(struct pss_sharing *s, struct tree *tree)
{
	uint64_t sum_kib = 0;
	bool moved = has_moved(s, tree);
	s->read_from_ns = clock_mono_ns();
	for (size_t i = 0; i < tree->n; i++) {
		struct tree_process *m = &tree->v[i];
		if (!m->sampled)
			continue;
		m->pss.before = (struct pss_saved){m->pss.saved_kib, m->pss.common_kib};
		if (is_outdated(s, m, moved))
			read_one(m);
		set_values(m);
		sum_kib += result_kib(m);
	}
	s->read_to_ns = clock_mono_ns();
	s->just_read = true;
	s->moved = false;
	s->lost_before_kib = s->lost_kib;
	s->lost_kib = 0;
	add_up(s, tree);
	set_most(s);
	return sum_kib;
}
