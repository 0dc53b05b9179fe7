/* SPDX-License-Identifier: MIT */
/* Reading PSS: for its columns, or to see how much of the RSS is shared. */
#include <inttypes.h>
#include <string.h>

#include "base/minmax.h"
#include "sample/sampler_internal.h"

/* Without columns for it, PSS may use this share of one CPU. */
#define SHARED_CPU_SHARE 0.005

/* Shared memory is reported from this part of the total on, and from this size on: every small
 * program shares its libraries. */
#define SHARED_PART 8
#define SHARED_LEAST_KIB 4096

void sampler_pss_init(struct sampler *s)
{
	bool asked = s->o->columns.pss;
	pss_schedule_init(&s->pss, asked ? s->o->pss_share : SHARED_CPU_SHARE);
	s->bound.with_pss = asked;
}

static bool is_limited(const struct sampler *s)
{
	return s->o->ticks > 0;
}

/* Let PSS pay for the CPU time since BEFORE_NS of the CPU clock. Return it. */
static int64_t pay(struct sampler *s, int64_t now_ns, int64_t before_ns)
{
	int64_t cost_ns = clock_cpu_ns() - before_ns;
	if (s->cpu_ns != 0)
		s->cpu_ns += cost_ns;
	pss_schedule_spend(&s->pss, now_ns, cost_ns);
	return cost_ns;
}

void sampler_update_pss(struct sampler *s, int64_t now_ns)
{
	int64_t before_ns = s->o->columns.pss ? clock_cpu_ns() : 0;
	if (is_limited(s))
		return;
	pss_sharing_update(&s->sharing, &s->tree, now_ns, s->o->columns.pss);
	if (s->o->columns.pss)
		(void)pay(s, now_ns, before_ns);
}

int64_t sampler_pss_due_ns(const struct sampler *s)
{
	bool allowed = s->o->columns.pss && s->schedule.budget.mode != BUDGET_FIXED;
	return allowed ? pss_schedule_due_ns(&s->pss) : INT64_MAX;
}

/* ---- how much is shared */

static bool is_much(const struct sampler *s, uint64_t shared_kib)
{
	return shared_kib >= SHARED_LEAST_KIB && shared_kib >= s->total_kib / SHARED_PART;
}

/* Return the RSS of M that may be that of its parent: it may have begun as a copy of it, and may
 * not have executed a program since. */
static uint64_t copied_kib(const struct sampler *s, const struct tree_process *m)
{
	uint32_t i = pidmap_get(&s->tree.index, m->process.ppid);
	const struct process *parent = i != PIDMAP_NONE ? &s->tree.v[i].process : NULL;
	if (parent == NULL || strcmp(parent->comm, m->process.comm) != 0)
		return 0;
	return min_u64(m->process.rss_kib, parent->rss_kib);
}

/* Return how much may be shared, as far as it shows without reading PSS: files that several
 * processes map, and copies of parents. */
static uint64_t possibly_shared_kib(const struct sampler *s)
{
	uint64_t files_kib = 0, most_files_kib = 0, copies_kib = 0;
	for (size_t i = 0; i < s->tree.n; i++) {
		const struct tree_process *m = &s->tree.v[i];
		if (!m->sampled)
			continue;
		files_kib += m->process.shared_kib;
		most_files_kib = max_u64(most_files_kib, m->process.shared_kib);
		copies_kib += copied_kib(s, m);
	}
	return min_u64(files_kib - most_files_kib + copies_kib, s->total_kib);
}

/* Append the `#shared_kib` line if the total is at a new peak, of which a large part is shared; or
 * if it was at its peak, and PSS has just been READ. */
static void put_shared(struct sampler *s, bool read)
{
	uint64_t shared_kib = s->total_kib - s->sharing.most_kib;
	uint64_t last_kib = s->shared_at_kib;
	uint64_t least_kib = read ? last_kib : last_kib + last_kib / PSS_NEW_PEAK_PART;
	if (s->total_kib < least_kib || !is_much(s, shared_kib) || !s->o->header)
		return;
	s->shared_at_kib = s->total_kib;
	buf_printf(&s->out, "#shared_kib\t%" PRIu64 "\t%" PRIu64 "\n", shared_kib, s->total_kib);
}

/* ---- reading */

static struct pss_schedule_tick schedule_tick(const struct sampler *s, int64_t now_ns)
{
	bool asked = s->o->columns.pss;
	return (struct pss_schedule_tick){
	    .now_ns = now_ns,
	    .tick_cost_ns = s->schedule.budget.tick_cost_ns,
	    .total_kib = s->total_kib,
	    .most_kib = asked ? s->sharing.most_kib : s->total_kib,
	    .aside = !asked,
	};
}

/* Return whether to read PSS in this tick. */
static bool is_due(struct sampler *s, struct pss_schedule_tick *t)
{
	if (!pss_schedule_wants(&s->pss, t))
		return false;
	if (!s->o->columns.pss && !is_much(s, possibly_shared_kib(s)))
		return false;
	struct pss_sharing_work work = pss_sharing_work(&s->sharing, &s->tree);
	t->processes = work.processes;
	t->rss_kib = work.rss_kib;
	return pss_schedule_is_due(&s->pss, t);
}

/* Mark the rows that now have PSS; or without columns for it, make sure that no row has. */
static void finish_rows(struct sampler *s)
{
	for (size_t i = 0; i < s->tree.n; i++) {
		struct tree_process *m = &s->tree.v[i];
		if (s->o->columns.pss)
			m->row.outdated = m->row.outdated || m->sampled;
		else
			m->process.pss_known = false;
	}
}

static void read_all(struct sampler *s)
{
	for (size_t i = 0; i < s->tree.n; i++)
		if (s->tree.v[i].sampled)
			process_read_pss(&s->tree.v[i].process);
}

void sampler_read_pss(struct sampler *s, int64_t now_ns)
{
	struct pss_schedule_tick t = schedule_tick(s, now_ns);
	bool due = s->tree.n > 0 && !is_limited(s) && is_due(s, &t);
	if (is_limited(s) && s->o->columns.pss) {
		read_all(s);
		finish_rows(s);
	}
	if (due) {
		int64_t before_ns = clock_cpu_ns();
		uint64_t pss_kib = pss_sharing_read(&s->sharing, &s->tree);
		finish_rows(s);
		if (s->o->columns.pss)
			t.most_kib = pss_kib;
		pss_schedule_add(&s->pss, &t, pay(s, now_ns, before_ns));
	}
	if (!is_limited(s))
		put_shared(s, due);
}
