/* SPDX-License-Identifier: MIT */
/* Reduce samples to peaks. */
#include "peak/peak.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "peak/peak_bound.h"
#include "peak/peak_internal.h"
#include "stream/tsv.h"

#define KIB_MAX (UINT64_MAX >> 20)

struct peak *peak_new(const struct peak_options *options)
{
	struct peak *k = alloc_resize(NULL, 1, sizeof *k);
	*k = (struct peak){.options = *options};
	spans_init(&k->spans, options->spans);
	peak_metrics_init(&k->metrics);
	return k;
}

void peak_free(struct peak *k)
{
	intern_free(&k->names);
	intern_free(&k->group_names);
	pidmap_free(&k->live);
	tick_notes_free(&k->notes);
	spans_free(&k->spans);
	over_time_free(&k->over_time);
	peak_metrics_free(&k->metrics);
	free(k->process);
	free(k->group);
	free(k->present.v);
	free(k->previous.v);
	free(k);
}

/* ---- samples */

static uint32_t add_process(struct peak *k, pid_t pid)
{
	uint32_t other = pidmap_get(&k->live, pid);
	if (other != PIDMAP_NONE)
		k->process[other].replaced = true;
	k->process =
	    alloc_grow(k->process, &k->processes_cap, k->processes + 1, sizeof *k->process);
	k->process[k->processes] = (struct peak_process){
	    .pid = pid,
	    .name = UINT32_MAX,
	    .group = UINT32_MAX,
	    .row = {.procs = 1},
	};
	pidmap_set(&k->live, pid, (uint32_t)k->processes);
	return (uint32_t)k->processes++;
}

/* Return the process with PID: that of the previous tick, or a new one. A tick holds every live
 * process, so a PID that was not in the previous tick has been given to another process.
 *
 * Rows mostly have the same order in each tick, so the process is nearly always the one after the
 * process that was found last. */
static uint32_t find_process(struct peak *k, pid_t pid)
{
	if (k->next < k->previous.n) {
		uint32_t i = k->previous.v[k->next];
		const struct peak_process *p = &k->process[i];
		if (p->pid == pid && !p->replaced && p->last_tick + 1 == k->tick) {
			k->next++;
			return i;
		}
	}
	uint32_t i = pidmap_get(&k->live, pid);
	if (i == PIDMAP_NONE || k->process[i].last_tick + 1 != k->tick)
		return add_process(k, pid);
	k->next = (size_t)k->process[i].position + 1;
	return i;
}

/* Return whether NAME is number LAST in T, as it mostly is: the name at the previous tick. */
static inline bool is_unchanged(const struct intern *t, uint32_t last, struct slice name)
{
	return last != UINT32_MAX &&
	       slice_equal((struct slice){t->v[last].text, t->v[last].len}, name);
}

static uint32_t find_name(struct peak *k, uint32_t last, struct slice name)
{
	return is_unchanged(&k->names, last, name) ? last : intern_number(&k->names, name);
}

/* Return the number of the group NAME, and make sure that it exists. LAST is the group of the same
 * process at the previous tick. */
static uint32_t find_group(struct peak *k, uint32_t last, struct slice name)
{
	struct intern *t = &k->group_names;
	if (is_unchanged(t, last, name))
		return last;
	if (t->n >= PEAK_GROUPS_MAX && intern_find(t, name) == INTERN_NONE)
		name = slice_of(PEAK_OTHERS);
	uint32_t number = intern_number(t, name);
	for (; k->groups <= number; k->groups++) {
		k->group = alloc_grow(k->group, &k->groups_cap, k->groups + 1, sizeof *k->group);
		k->group[k->groups] = (struct peak_group){0};
	}
	return number;
}

static void add_to_list(struct peak_list *l, uint32_t process)
{
	if (l->n == l->cap)
		l->v = alloc_grow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = process;
}

static void add_tick(struct peak_row *r, int64_t time_us)
{
	if (r->ticks == 0 && (r->first_us == 0 || r->first_us > time_us))
		r->first_us = time_us; /* else a process was created before */
	r->last_us = time_us;
	r->ticks++;
}

static void update_process(
    struct peak *k, struct peak_row *r, const struct peak_sample *s, const struct mark *m)
{
	uint64_t kib = m->risen ? max_u64(s->rss_kib, m->kib) : s->rss_kib;
	add_tick(r, k->time_us);
	if (s->rss_known && (!r->known || kib > r->rss_kib)) {
		r->rss_kib = kib;
		r->time_us = k->time_us;
	}
	peak_raise(&r->bound_kib, m->kib + k->mark_error_kib);
	peak_raise(&k->highest_mark_kib, m->kib);
	peak_raise(&r->vsz_kib, s->vsz_kib);
	r->known |= s->rss_known;
}

/* Return the sums of group G in the present tick. */
static struct peak_sums *group_sums(struct peak *k, uint32_t g)
{
	struct peak_group *group = &k->group[g];
	if (group->sums.tick != k->tick) {
		bool previous = group->sums.tick + 1 == k->tick;
		group->previous_kib = previous ? group->sums.marks_kib : 0;
		group->sums = (struct peak_sums){.tick = k->tick};
	}
	return &group->sums;
}

/* Count a sample in GROUP. CONTINUED: the process is counted in the previous tick too. */
static void count(struct peak *k, const struct peak_sample *s, const struct mark *m, uint32_t group,
    bool continued)
{
	struct peak_process *p = &k->process[m->process];
	peak_moment_add(&k->sums, s, m, continued);
	peak_moment_add(group_sums(k, group), s, m, continued && group == p->group);
	if (s->metrics != NULL)
		peak_metrics_add(k, m->process, group, s);
	p->group = group;
	p->counted_tick = k->tick;
	update_process(k, &p->row, s, m);
	if (p->row.ticks == 1)
		peak_times_set_first(k, p);
	p->position = (uint32_t)k->present.n;
	add_to_list(&k->present, m->process);
}

/* Return the group of a sample of P. A group by name changes only with the name. */
static uint32_t group_of(
    struct peak *k, const struct peak_process *p, const struct peak_sample *s, bool renamed)
{
	bool by_name = s->group.p == s->name.p;
	if (by_name && !renamed && p->group != UINT32_MAX)
		return p->group;
	return find_group(k, p->group, s->group);
}

void peak_add(struct peak *k, const struct peak_sample *s)
{
	uint32_t i = find_process(k, s->pid);
	struct peak_process *p = &k->process[i];
	bool seen_before = p->last_tick != 0; /* find_process: then in the previous tick */
	bool continued = seen_before && p->counted_tick == p->last_tick;
	struct mark m = {
	    .process = i,
	    .kib = max_u64(s->hwm_kib, s->rss_kib),
	    .previous_kib = p->mark_kib,
	    .held_kib = continued ? min_u64(p->rss_kib, s->rss_kib) : 0,
	    .age = tick_notes_mark_age(&k->notes, s->pid),
	};
	m.risen = k->tick != k->attached_tick && m.age != MARK_PREDATES &&
		  (!seen_before || m.kib != m.previous_kib);
	uint32_t name = find_name(k, p->name, s->name);
	bool renamed = name != p->name;
	p->name = name;
	if (s->excluded)
		k->excluded_kib += s->rss_kib;
	else
		count(k, s, &m, group_of(k, p, s, renamed), continued);
	p->ppid = s->ppid;
	p->rss_kib = s->rss_kib;
	p->mark_kib = m.kib;
	p->held_kib = m.held_kib;
	p->last_tick = k->tick;
	k->open = true;
}

/* ---- the end of a tick */

/* Raise R to what the present tick proves: SUMS of it, at most BOUND. Return whether RSS was
 * raised. */
static bool raise_row(struct peak *k, struct peak_row *r, const struct peak_sums *sums,
    const struct moment *m, uint64_t bound)
{
	add_tick(r, k->time_us);
	peak_raise(&r->vsz_kib, sums->vsz_kib);
	/* An undated mark may have been reached at the tick with the largest bound. */
	if (r != &k->total || !k->bound_known)
		r->bound_kib += sums->undated_growth_kib;
	peak_raise(&r->bound_kib, max_u64(bound, m->kib));
	if (sums->known == 0 || (r->known && m->kib <= r->rss_kib))
		return false;
	r->known = true;
	r->rss_kib = m->kib;
	r->time_us = k->time_us;
	r->procs = m->procs;
	return true;
}

static void close_groups(struct peak *k)
{
	for (size_t i = 0; i < k->present.n; i++) {
		struct peak_group *g = &k->group[k->process[k->present.v[i]].group];
		if (g->closed_tick == k->tick)
			continue;
		g->closed_tick = k->tick;
		struct moment m = peak_moment_of(&g->sums);
		raise_row(k, &g->row, &g->sums, &m, peak_bound_of_group(k, g));
	}
}

static void add_span(struct peak *k, const struct moment *m, uint64_t bound)
{
	struct span span = {
	    .time_us = k->time_us,
	    .rss_kib = m->kib,
	    .bound_kib = bound,
	    .first_us = k->time_us,
	    .last_us = k->time_us,
	    .ticks = 1,
	    .procs = m->procs,
	};
	spans_add(&k->spans, &span);
}

/* Add the sums of the present tick to the rows. */
static void close_sums(struct peak *k)
{
	const struct peak_sums *s = &k->sums;
	struct moment m = peak_moment_of(s);
	uint64_t bound = peak_bound_of_tree(k), before = k->total.bound_kib;
	k->exit_bound_kib += s->undated_growth_kib;
	if (raise_row(k, &k->total, s, &m, bound))
		peak_moment_set_holdings(k, &m);
	if (s->continued < k->previous.n)
		peak_bound_note_exits(k, bound, k->tick);
	if (k->total.bound_kib > before)
		k->bound_exits = k->bound_known ? k->exits : 0;
	close_groups(k);
	peak_metrics_tick(k);
	add_span(k, &m, bound);
}

static void close_tick(struct peak *k)
{
	if (!k->open)
		return;
	k->open = false;
	if (k->present.n > 0)
		close_sums(k);
	if (k->present.n == 0 || k->sums.known > 0)
		over_time_add(&k->over_time, k->time_us, k->sums.rss_kib);
	peak_raise(&k->excluded_most_kib, k->excluded_kib);

	struct peak_list list = k->previous;
	k->previous = k->present;
	k->present = list;
	k->present.n = k->next = 0;
	k->previous_kib = k->sums.marks_kib;
	k->unseen_kib = 0;
	k->bound_known = false;
	tick_notes_clear(&k->notes);
	peak_evict(k);
}

void peak_begin_tick(struct peak *k, int64_t time_us)
{
	close_tick(k);
	k->tick++;
	k->time_us = time_us;
	k->excluded_kib = 0;
	k->sums = (struct peak_sums){.tick = k->tick};
}

/* ---- `#` lines */

/* Note the bound of the next tick. VALUE is the bound and the number of processes that have exited
 * since the previous tick. */
static void note_bound(struct peak *k, struct slice value)
{
	struct slice kib = tsv_take_field(&value);
	if (parse_u64(kib.p, kib.n, KIB_MAX, &k->bound_kib) != NULL)
		return;
	k->bound_known = k->bounds_known = k->any_bounds_known = true;
	k->exits = 0;
	(void)parse_u64(value.p, value.n, KIB_MAX, &k->exits);
}

/* An invalid number in a `#` line is ignored. */
void peak_meta(struct peak *k, struct slice line)
{
	struct slice value;
	if (tsv_is_meta(line, "#mark_since", &value) || tsv_is_meta(line, "#created", &value)) {
		close_tick(k);
		(void)tick_notes_take(&k->notes, line);
	} else if (tsv_is_meta(line, "#exited", &value)) {
		close_tick(k);
		peak_times_note_exited(k, value);
	} else if (tsv_is_meta(line, "#unseen_kib", &value)) {
		close_tick(k);
		if (!k->options.filtered)
			(void)parse_u64(value.p, value.n, KIB_MAX, &k->unseen_kib);
	} else if (tsv_is_meta(line, "#bound_kib", &value)) {
		close_tick(k);
		if (!k->options.filtered)
			note_bound(k, value);
	} else if (tsv_is_meta(line, "#bound_refused", &value)) {
		k->bound_refused = true;
	} else if (tsv_is_meta(line, "#mark_error_kib", &value)) {
		(void)parse_u64(value.p, value.n, KIB_MAX, &k->mark_error_kib);
	} else if (tsv_is_meta(line, "#started", &value)) {
		k->watched = true;
		(void)parse_time_us(value.p, value.n, &k->times.started_us);
	} else if (tsv_is_meta(line, "#end", &value)) {
		(void)parse_time_us(value.p, value.n, &k->times.end_us);
	} else if (!k->options.filtered && tsv_is_meta(line, "#command_maxrss_kib", &value)) {
		close_tick(k);
		peak_note_command(k, value);
	} else if (!k->options.filtered) {
		peak_note_maxrss(k, line);
		peak_metrics_meta(k, line);
	}
}

/* ---- the end of a stream */

void peak_end_stream(struct peak *k)
{
	close_tick(k);
	over_time_end_stream(&k->over_time, k->times.end_us);
	peak_bound_end_stream(k);
	k->unseen_kib = 0;
}

void peak_begin_stream(struct peak *k)
{
	peak_end_stream(k);
	k->attached_tick = k->watched ? 0 : k->tick + 1;
	peak_times_begin_stream(k);
	k->watched = false;
}
