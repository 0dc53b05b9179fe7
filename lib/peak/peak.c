/* From samples to peaks. */
#include "peak/peak.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "base/slice.h"
#include "peak/peak_internal.h"
#include "stream/tsv.h"

enum late { NOT_LATE, LATE, BEFORE_ALL };

struct peak *peak_new(const struct peak_options *options)
{
	struct peak *k = alloc_resize(NULL, 1, sizeof *k);
	*k = (struct peak){.options = *options};
	spans_init(&k->spans, options->spans);
	return k;
}

void peak_free(struct peak *k)
{
	intern_free(&k->names);
	intern_free(&k->group_names);
	pidmap_free(&k->live);
	pidmap_free(&k->late);
	spans_free(&k->spans);
	peak_metrics_free(&k->extras);
	free(k->process);
	free(k->group);
	free(k->now);
	free(k->before);
	free(k);
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t more(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void raise_to(uint64_t *value, uint64_t to)
{
	*value = more(*value, to);
}

/* The mark of PID in the coming tick covers more than the time since the last:
 * since SINCE, or since before this stream if that is 0. */
static void take_late(struct peak *k, struct slice value)
{
	const char *tab = memchr(value.p, '\t', value.n);
	size_t n = tab != NULL ? (size_t)(tab - value.p) : value.n;
	pid_t pid;
	if (parse_pid(value.p, n, &pid) != NULL)
		return;
	int before_all = tab != NULL && value.n - n == 2 && tab[1] == '0';
	pidmap_set(&k->late, pid, before_all ? BEFORE_ALL : LATE);
}

static void close_tick(struct peak *k);

void peak_meta(struct peak *k, struct slice line)
{
	struct slice value;
	uint64_t kib;
	if (tsv_is_meta(line, "#mark_since", &value)) {
		close_tick(k);
		take_late(k, value);
	} else if (tsv_is_meta(line, "#unseen_kib", &value)) {
		close_tick(k);
		if (!k->options.filtered &&
		    parse_u64(value.p, value.n, UINT64_MAX >> 20, &kib) == NULL)
			k->unseen_kib = kib;
	} else if (tsv_is_meta(line, "#mark_error_kib", &value)) {
		if (parse_u64(value.p, value.n, UINT64_MAX >> 20, &kib) == NULL)
			k->error_kib = kib;
	} else if (tsv_is_meta(line, "#started", &value)) {
		k->held = 1;
	} else if (!k->options.filtered && tsv_is_meta(line, "#maxrss_kib", &value) &&
		   parse_u64(value.p, value.n, UINT64_MAX / 2, &kib) == NULL) {
		raise_to(&k->maxrss_kib, kib);
	}
}

static uint32_t add_process(struct peak *k, const struct peak_sample *s)
{
	k->process = alloc_grow(k->process, &k->processes_cap, k->processes + 1, sizeof *k->process);
	k->process[k->processes] = (struct peak_process){
	    .pid = s->pid,
	    .name = UINT32_MAX,
	    .group = UINT32_MAX,
	    .row = {.procs = 1},
	};
	pidmap_set(&k->live, s->pid, (uint32_t)k->processes);
	return (uint32_t)k->processes++;
}

/* The process of a row: the one with this PID in the tick before, or a new one.
 * A tick holds every live process, so a PID that comes back is another's. */
static uint32_t find_process(struct peak *k, const struct peak_sample *s)
{
	uint32_t i = pidmap_get(&k->live, s->pid);
	if (i != PIDMAP_NONE && k->process[i].tick + 1 == k->tick)
		return i;
	return add_process(k, s);
}

/* Whether NAME is number LAST, as it was at the tick before: mostly it still is. */
static int is_still(const struct intern *t, uint32_t last, struct slice name)
{
	return last != UINT32_MAX && t->v[last].len == name.n &&
	       memcmp(t->v[last].text, name.p, name.n) == 0;
}

static uint32_t find_name(struct peak *k, uint32_t last, struct slice name)
{
	return is_still(&k->names, last, name) ? last : intern_number(&k->names, name);
}

static uint32_t find_group(struct peak *k, uint32_t last, struct slice name)
{
	static const struct slice others = {PEAK_OTHERS, sizeof PEAK_OTHERS - 1};
	struct intern *t = &k->group_names;
	if (is_still(t, last, name))
		return last;
	if (t->n >= PEAK_GROUPS_MAX && intern_find(t, name) == INTERN_NONE)
		name = others;
	return intern_number(t, name);
}

static void make_group(struct peak *k, uint32_t g)
{
	for (; k->groups <= g; k->groups++) {
		k->group = alloc_grow(k->group, &k->groups_cap, k->groups + 1, sizeof *k->group);
		k->group[k->groups] = (struct peak_group){0};
	}
}

static void row_tick(struct peak_row *r, int64_t time_us)
{
	if (r->ticks == 0)
		r->first_us = time_us;
	r->last_us = time_us;
	r->ticks++;
}

/* What a row's mark tells. */
struct mark {
	uint32_t process;
	uint64_t kib;
	uint64_t before_kib; /* at the tick before, if it was there */
	uint64_t floor_kib;  /* what the process held then and holds now */
	int risen;	     /* reached since the tick before */
	enum late late;
};

static void add_sums(
    struct peak_sums *s, const struct peak_sample *row, const struct mark *m, int stayed)
{
	uint64_t floor = stayed ? m->floor_kib : 0;
	s->procs++;
	s->known += row->known != 0;
	s->rss_kib += row->rss_kib;
	s->vsz_kib += row->vsz_kib;
	s->marks_kib += m->kib;
	s->bound_kib += stayed ? more(m->kib, m->before_kib) : m->kib;
	s->floor_kib += floor;
	if (stayed) {
		s->stayed++;
		s->stayed_kib += m->before_kib;
	}
	if (m->risen && m->late == LATE)
		s->late_kib += m->kib - less(m->kib, m->before_kib);
	if (m->risen && m->late == LATE && m->kib > s->alone_kib) {
		s->alone_kib = m->kib;
		s->loner = m->process;
	}
	if (m->risen && m->late == NOT_LATE && m->kib - floor > s->gain_kib) {
		s->gain_kib = m->kib - floor;
		s->gainer = m->process;
	}
}

static void push_now(struct peak *k, uint32_t process)
{
	k->now = alloc_grow(k->now, &k->now_cap, k->now_n + 1, sizeof *k->now);
	k->now[k->now_n++] = process;
}

static void update_row(
    struct peak *k, struct peak_row *r, const struct peak_sample *s, const struct mark *m)
{
	uint64_t reached = m->risen ? more(s->rss_kib, m->kib) : s->rss_kib;
	row_tick(r, k->time_us);
	if (s->known && (!r->known || reached > r->rss_kib)) {
		r->rss_kib = reached;
		r->time_us = k->time_us;
	}
	raise_to(&r->bound_kib, m->kib + k->error_kib);
	raise_to(&k->highest_kib, m->kib);
	raise_to(&r->vsz_kib, s->vsz_kib);
	r->known |= s->known;
}

static struct peak_sums *group_sums(struct peak *k, uint32_t g)
{
	struct peak_group *group = &k->group[g];
	if (group->now.tick != k->tick) {
		group->last_marks_kib = group->now.tick + 1 == k->tick ? group->now.marks_kib : 0;
		group->now = (struct peak_sums){.tick = k->tick};
	}
	return &group->now;
}

/* Adds up a row. STAYED: the process was counted at the tick before. */
static void count(struct peak *k, const struct peak_sample *s, const struct mark *m, int stayed)
{
	struct peak_process *p = &k->process[m->process];
	uint32_t group = find_group(k, p->group, s->group);
	make_group(k, group);
	add_sums(&k->sums, s, m, stayed);
	add_sums(group_sums(k, group), s, m, stayed && group == p->group);
	if (s->extras != NULL)
		peak_metrics_add(k, m->process, group, s);
	p->group = group;
	p->counted = k->tick;
	update_row(k, &p->row, s, m);
	push_now(k, m->process);
}

void peak_sample(struct peak *k, const struct peak_sample *s)
{
	uint32_t i = find_process(k, s);
	struct peak_process *p = &k->process[i];
	int seen = p->tick != 0 && p->tick + 1 == k->tick;
	int stayed = seen && p->counted == p->tick;
	uint32_t late = k->late.n > 0 ? pidmap_get(&k->late, s->pid) : PIDMAP_NONE;
	struct mark m = {
	    .process = i,
	    .kib = more(s->hwm_kib, s->rss_kib),
	    .before_kib = seen ? p->mark_kib : 0,
	    .floor_kib = stayed ? less(p->rss_kib, s->rss_kib) : 0,
	    .late = late != PIDMAP_NONE ? (enum late)late : NOT_LATE,
	};
	m.risen = k->tick != k->base && m.late != BEFORE_ALL && (!seen || m.kib != m.before_kib);
	p->name = find_name(k, p->name, s->name);
	if (s->left_out)
		k->left_out_kib += s->rss_kib;
	else
		count(k, s, &m, stayed);
	p->ppid = s->ppid;
	p->rss_kib = s->rss_kib;
	p->mark_kib = m.kib;
	p->floor_kib = m.floor_kib;
	p->tick = k->tick;
	k->open = 1;
}

enum moment { AT_TICK, BETWEEN_TICKS, ALONE };

/* The largest that a tick, or the time since the one before, proves. */
static uint64_t reached(
    const struct peak *k, const struct peak_sums *s, enum moment *moment, unsigned *procs)
{
	uint64_t between = s->gain_kib > 0 ? s->floor_kib + s->gain_kib : 0;
	*moment = AT_TICK;
	*procs = s->procs;
	if (more(between, s->alone_kib) <= s->rss_kib)
		return s->rss_kib;
	if (s->alone_kib > between) {
		*moment = ALONE;
		*procs = 1;
		return s->alone_kib;
	}
	*moment = BETWEEN_TICKS;
	*procs = s->stayed + (k->process[s->gainer].row.ticks == 1);
	return between;
}

static int raise_row(struct peak *k, struct peak_row *r, const struct peak_sums *s, uint64_t bound)
{
	enum moment moment;
	unsigned procs;
	uint64_t rss = reached(k, s, &moment, &procs);
	row_tick(r, k->time_us);
	raise_to(&r->vsz_kib, s->vsz_kib);
	r->bound_kib += s->late_kib; /* at any tick before, for all that is known */
	raise_to(&r->bound_kib, more(bound, rss));
	if (s->known == 0 || (r->known && rss <= r->rss_kib))
		return 0;
	r->known = 1;
	r->rss_kib = rss;
	r->time_us = k->time_us;
	r->procs = procs;
	return 1;
}

/* What everybody held at the moment of the total's new peak. */
static void note_holdings(struct peak *k)
{
	enum moment moment;
	unsigned procs;
	k->total.at_peak_kib = reached(k, &k->sums, &moment, &procs);
	uint64_t generation = ++k->total.generation;
	k->others_unknown = moment == ALONE;
	for (size_t i = 0; i < k->now_n; i++) {
		struct peak_process *p = &k->process[k->now[i]];
		struct peak_row *g = &k->group[p->group].row;
		uint64_t held = moment == AT_TICK ? p->rss_kib : moment == ALONE ? 0 : p->floor_kib;
		if ((moment == BETWEEN_TICKS && k->now[i] == k->sums.gainer) ||
		    (moment == ALONE && k->now[i] == k->sums.loner))
			held = p->mark_kib;
		if (g->generation != generation)
			g->at_peak_kib = 0;
		g->generation = p->row.generation = generation;
		g->at_peak_kib += held;
		p->row.at_peak_kib = held;
	}
}

/* Who ended since the tick before may have grown to whatever the largest that
 * was waited for had; the one with the lowest mark by the most. */
static void note_ended(struct peak *k, uint64_t bound, uint64_t present_tick)
{
	uint64_t lowest = UINT64_MAX;
	for (size_t i = 0; i < k->before_n; i++)
		if (k->process[k->before[i]].counted != present_tick)
			lowest = less(lowest, k->process[k->before[i]].mark_kib);
	if (lowest != UINT64_MAX)
		raise_to(&k->with_end_kib, bound - lowest);
}

static void close_groups(struct peak *k)
{
	for (size_t i = 0; i < k->now_n; i++) {
		struct peak_group *g = &k->group[k->process[k->now[i]].group];
		if (g->last_tick == k->tick)
			continue;
		g->last_tick = k->tick;
		uint64_t gone = g->last_marks_kib - less(g->last_marks_kib, g->now.stayed_kib);
		raise_row(k, &g->row, &g->now,
		    g->now.bound_kib + gone + k->error_kib * (g->now.procs + (gone > 0)));
	}
}

/* What the rows of the tick come to. */
static void close_sums(struct peak *k)
{
	const struct peak_sums *s = &k->sums;
	uint64_t gone = k->last_marks_kib - less(k->last_marks_kib, s->stayed_kib);
	uint64_t bound = s->bound_kib + gone + k->unseen_kib +
			 k->error_kib * (s->procs + k->before_n - s->stayed);
	k->with_end_kib += s->late_kib;
	if (raise_row(k, &k->total, s, bound))
		note_holdings(k);
	if (s->stayed < k->before_n)
		note_ended(k, bound, k->tick);
	close_groups(k);
	peak_metrics_tick(k);

	enum moment moment;
	struct span span = {.bound_kib = bound,
	    .time_us = k->time_us,
	    .ticks = 1,
	    .first_us = k->time_us,
	    .last_us = k->time_us};
	span.rss_kib = reached(k, s, &moment, &span.procs);
	spans_add(&k->spans, &span);
}

static void close_tick(struct peak *k)
{
	if (!k->open)
		return;
	k->open = 0;
	if (k->now_n > 0)
		close_sums(k);
	raise_to(&k->left_out_most_kib, k->left_out_kib);

	uint32_t *list = k->before;
	size_t cap = k->before_cap;
	k->before = k->now;
	k->before_n = k->now_n;
	k->before_cap = k->now_cap;
	k->now = list;
	k->now_n = 0;
	k->now_cap = cap;
	k->last_marks_kib = k->sums.marks_kib;
	k->unseen_kib = 0;
	pidmap_free(&k->late);
	peak_evict(k);
}

/* Whoever was in the last tick has ended since, or is not seen again. */
static void close_stream(struct peak *k)
{
	close_tick(k);
	uint64_t bound = k->last_marks_kib + k->unseen_kib + k->error_kib * k->before_n;
	if (k->before_n > 0)
		raise_to(&k->total.bound_kib, bound);
	note_ended(k, bound, 0);
	k->unseen_kib = 0;
}

void peak_break(struct peak *k)
{
	close_stream(k);
	k->base = k->held ? 0 : k->tick + 1;
	k->held = 0;
}

void peak_tick(struct peak *k, int64_t time_us)
{
	close_tick(k);
	k->tick++;
	k->time_us = time_us;
	k->left_out_kib = 0;
	k->sums = (struct peak_sums){.tick = k->tick};
}

/*
 * wait4 knows the largest single process exactly. Alone, it was the whole. Well
 * above every mark that was read (the kernel's count is some pages off), it is
 * of somebody's growth after the last reading.
 */
static void close_with_maxrss(struct peak *k)
{
	struct peak_row *t = &k->total;
	uint64_t max = k->maxrss_kib;
	if (max == 0)
		return;
	raise_to(&t->bound_kib, max + k->error_kib);
	if (max > k->highest_kib + k->highest_kib / 64)
		raise_to(&t->bound_kib, k->with_end_kib + max + k->error_kib);
	if (t->known && max <= t->rss_kib)
		return;
	t->rss_kib = t->at_peak_kib = max;
	t->time_us = t->last_us;
	t->procs = 1;
	t->known = 1;
	t->generation++; /* of which nothing is known but this */
	if (t->vsz_kib < max)
		t->vsz_kib = 0; /* read before it had grown: unknown */
	k->others_unknown = k->processes + k->forgotten != 1;
	if (k->others_unknown) {
		t->time_us = PEAK_TIME_UNKNOWN;
		return;
	}
	struct peak_row *rows[] = {&k->process[0].row, &k->group[k->process[0].group].row};
	for (size_t i = 0; i < 2; i++) {
		rows[i]->rss_kib = rows[i]->at_peak_kib = max;
		raise_to(&rows[i]->bound_kib, t->bound_kib);
		rows[i]->time_us = t->time_us;
		rows[i]->generation = t->generation;
		rows[i]->procs = 1;
		rows[i]->known = 1;
		rows[i]->vsz_kib = t->vsz_kib;
	}
}

void peak_close(struct peak *k)
{
	close_stream(k);
	close_with_maxrss(k);
	peak_metrics_close(k);
}
