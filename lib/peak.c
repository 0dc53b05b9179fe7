/* From samples to peaks. */
#include "peak.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "names.h"
#include "parse.h"
#include "pidmap.h"
#include "spans.h"
#include "table.h"

#define TIME_UNKNOWN INT64_MIN

/* What the whole, a group or a process comes to. */
struct row {
	uint64_t rss_kib, bound_kib, vsz_kib;
	uint64_t at_peak_kib;
	uint64_t generation; /* which peak of the total at_peak_kib is of */
	int64_t time_us, first_us, last_us;
	uint64_t ticks;
	unsigned procs;
	int known; /* the KiB are; a process can end unread */
};

/* The present tick of the whole or of a group, summed up row by row. */
struct sums {
	uint64_t tick; /* which; older sums count as zero */
	uint64_t rss_kib, vsz_kib;
	uint64_t marks_kib;	/* of all marks */
	uint64_t bound_kib;	/* the same, where a mark fell the one before */
	uint64_t stayed_kib;	/* marks, at the tick before, of who is still here */
	uint64_t floor_kib;	/* what each held at both ticks */
	uint64_t gain_kib;	/* the largest of: a risen mark, above that floor */
	uint64_t late_kib;	/* by which marks rose nobody knows when */
	uint64_t alone_kib;	/* the largest mark risen nobody knows when */
	uint32_t gainer, loner; /* the processes of these two */
	unsigned procs, stayed;
	unsigned known; /* of procs: with a figure */
};

struct process {
	struct row row;
	pid_t pid, ppid;
	uint32_t group;
	uint64_t tick;		    /* the last it was in */
	uint64_t rss_kib, mark_kib; /* there */
	uint64_t floor_kib;	    /* the less of that and the tick before's */
};

struct group {
	struct row row;
	struct sums now;
	uint64_t last_marks_kib; /* at the tick before the present */
	uint64_t last_tick;
};

enum late { NOT_LATE, LATE, BEFORE_ALL };

struct peak {
	struct process *process;
	size_t processes, processes_cap;
	struct group *group; /* as many as names */
	size_t groups, groups_cap;
	struct names names;
	struct pidmap live;	/* to the process last seen with a PID */
	struct pidmap late;	/* marks of the coming tick, as enum late */
	uint32_t *now, *before; /* processes in this tick and the last */
	size_t now_n, before_n, now_cap, before_cap;

	struct row total;
	int others_unknown; /* at the total's peak: only one is known */
	struct sums sums;
	uint64_t last_marks_kib;
	uint64_t highest_kib;  /* of all marks */
	uint64_t with_end_kib; /* the largest bound to which what somebody
				  who ended may have reached is to be added */
	uint64_t tick;	       /* of the present; 0 before the first */
	uint64_t base;	       /* the first tick whose marks tell of this run */
	int64_t time_us;
	int held;	     /* the command was watched from its start */
	uint64_t maxrss_kib; /* of the largest that was waited for */
	uint64_t error_kib;  /* by which the kernel may have a mark too low */
	uint64_t unseen_kib; /* what those gone since the tick before may have added */
	struct spans spans;
};

struct peak *peak_new(size_t spans)
{
	struct peak *k = err_realloc(NULL, 1, sizeof *k);
	*k = (struct peak){0};
	spans_init(&k->spans, spans);
	return k;
}

void peak_free(struct peak *k)
{
	names_free(&k->names);
	pidmap_free(&k->live);
	pidmap_free(&k->late);
	spans_free(&k->spans);
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
	if (table_is_meta(line, "#mark_since", &value)) {
		close_tick(k);
		take_late(k, value);
	} else if (table_is_meta(line, "#unseen_kib", &value)) {
		close_tick(k);
		if (parse_u64(value.p, value.n, UINT64_MAX >> 20, &kib) == NULL)
			k->unseen_kib = kib;
	} else if (table_is_meta(line, "#mark_error_kib", &value)) {
		if (parse_u64(value.p, value.n, UINT64_MAX >> 20, &kib) == NULL)
			k->error_kib = kib;
	} else if (table_is_meta(line, "#started", &value)) {
		k->held = 1;
	} else if (table_is_meta(line, "#maxrss_kib", &value) &&
		   parse_u64(value.p, value.n, UINT64_MAX / 2, &kib) == NULL) {
		raise_to(&k->maxrss_kib, kib);
	}
}

static uint32_t add_process(struct peak *k, const struct peak_sample *s)
{
	if (k->processes == k->processes_cap) {
		k->processes_cap = k->processes_cap == 0 ? 16 : k->processes_cap * 2;
		k->process = err_realloc(k->process, k->processes_cap, sizeof *k->process);
	}
	k->process[k->processes] = (struct process){
	    .pid = s->pid,
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

static uint32_t find_group(struct peak *k, const struct process *p, struct slice name)
{
	if (p->group != UINT32_MAX) {
		const struct names_entry *e = &k->names.v[p->group];
		if (e->len == name.n && memcmp(e->text, name.p, name.n) == 0)
			return p->group;
	}
	uint32_t g = names_number(&k->names, name);
	for (; k->groups <= g; k->groups++) {
		if (k->groups == k->groups_cap) {
			k->groups_cap = k->groups_cap == 0 ? 8 : k->groups_cap * 2;
			k->group = err_realloc(k->group, k->groups_cap, sizeof *k->group);
		}
		k->group[k->groups] = (struct group){0};
	}
	return g;
}

static void row_tick(struct row *r, int64_t time_us)
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
    struct sums *s, const struct peak_sample *row, const struct mark *m, int stayed)
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
	if (k->now_n == k->now_cap) {
		k->now_cap = k->now_cap == 0 ? 64 : k->now_cap * 2;
		k->now = err_realloc(k->now, k->now_cap, sizeof *k->now);
	}
	k->now[k->now_n++] = process;
}

static void update_process(
    struct peak *k, struct process *p, const struct peak_sample *s, const struct mark *m)
{
	uint64_t reached = m->risen ? more(s->rss_kib, m->kib) : s->rss_kib;
	row_tick(&p->row, k->time_us);
	if (s->known && (!p->row.known || reached > p->row.rss_kib)) {
		p->row.rss_kib = reached;
		p->row.time_us = k->time_us;
	}
	raise_to(&p->row.bound_kib, m->kib + k->error_kib);
	raise_to(&k->highest_kib, m->kib);
	raise_to(&p->row.vsz_kib, s->vsz_kib);
	p->row.known |= s->known;
	p->ppid = s->ppid;
	p->rss_kib = s->rss_kib;
	p->mark_kib = m->kib;
	p->floor_kib = m->floor_kib;
	p->tick = k->tick;
}

static struct sums *group_sums(struct peak *k, uint32_t g)
{
	struct group *group = &k->group[g];
	if (group->now.tick != k->tick) {
		group->last_marks_kib = group->now.tick + 1 == k->tick ? group->now.marks_kib : 0;
		group->now = (struct sums){.tick = k->tick};
	}
	return &group->now;
}

void peak_sample(struct peak *k, const struct peak_sample *s)
{
	uint32_t i = find_process(k, s);
	struct process *p = &k->process[i];
	int stayed = p->tick != 0 && p->tick + 1 == k->tick;
	uint32_t group = find_group(k, p, s->name);
	uint32_t late = k->late.n > 0 ? pidmap_get(&k->late, s->pid) : PIDMAP_NONE;
	struct mark m = {
	    .process = i,
	    .kib = more(s->hwm_kib, s->rss_kib),
	    .before_kib = stayed ? p->mark_kib : 0,
	    .floor_kib = stayed ? less(p->rss_kib, s->rss_kib) : 0,
	    .late = late != PIDMAP_NONE ? (enum late)late : NOT_LATE,
	};
	m.risen = k->tick != k->base && m.late != BEFORE_ALL && (!stayed || m.kib != m.before_kib);
	add_sums(&k->sums, s, &m, stayed);
	add_sums(group_sums(k, group), s, &m, stayed && group == p->group);
	p->group = group;
	update_process(k, p, s, &m);
	push_now(k, i);
}

enum moment { AT_TICK, BETWEEN_TICKS, ALONE };

/* The largest that a tick, or the time since the one before, proves. */
static uint64_t reached(
    const struct peak *k, const struct sums *s, enum moment *moment, unsigned *procs)
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

static int raise_row(struct peak *k, struct row *r, const struct sums *s, uint64_t bound)
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
		struct process *p = &k->process[k->now[i]];
		struct row *g = &k->group[p->group].row;
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
		if (k->process[k->before[i]].tick != present_tick)
			lowest = less(lowest, k->process[k->before[i]].mark_kib);
	if (lowest != UINT64_MAX)
		raise_to(&k->with_end_kib, bound - lowest);
}

static void close_groups(struct peak *k)
{
	for (size_t i = 0; i < k->now_n; i++) {
		struct group *g = &k->group[k->process[k->now[i]].group];
		if (g->last_tick == k->tick)
			continue;
		g->last_tick = k->tick;
		uint64_t gone = g->last_marks_kib - less(g->last_marks_kib, g->now.stayed_kib);
		raise_row(k, &g->row, &g->now,
		    g->now.bound_kib + gone + k->error_kib * (g->now.procs + (gone > 0)));
	}
}

static void close_tick(struct peak *k)
{
	if (k->now_n == 0)
		return;
	struct sums *s = &k->sums;
	uint64_t gone = k->last_marks_kib - less(k->last_marks_kib, s->stayed_kib);
	uint64_t bound = s->bound_kib + gone + k->unseen_kib +
			 k->error_kib * (s->procs + k->before_n - s->stayed);
	k->with_end_kib += s->late_kib;
	if (raise_row(k, &k->total, s, bound))
		note_holdings(k);
	if (s->stayed < k->before_n)
		note_ended(k, bound, k->tick);
	close_groups(k);

	enum moment moment;
	struct span span = {.bound_kib = bound,
	    .time_us = k->time_us,
	    .ticks = 1,
	    .first_us = k->time_us,
	    .last_us = k->time_us};
	span.rss_kib = reached(k, s, &moment, &span.procs);
	spans_add(&k->spans, &span);

	uint32_t *list = k->before;
	size_t cap = k->before_cap;
	k->before = k->now;
	k->before_n = k->now_n;
	k->before_cap = k->now_cap;
	k->now = list;
	k->now_n = 0;
	k->now_cap = cap;
	k->last_marks_kib = s->marks_kib;
	k->unseen_kib = 0;
	pidmap_free(&k->late);
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
	k->sums = (struct sums){.tick = k->tick};
}

/*
 * wait4 knows the largest single process exactly. Alone, it was the whole. Well
 * above every mark that was read (the kernel's count is some pages off), it is
 * of somebody's growth after the last reading.
 */
static void close_with_maxrss(struct peak *k)
{
	struct row *t = &k->total;
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
	k->others_unknown = k->processes != 1;
	if (k->others_unknown) {
		t->time_us = TIME_UNKNOWN;
		return;
	}
	struct row *rows[] = {&k->process[0].row, &k->group[k->process[0].group].row};
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

static void put_tab(struct buf *out)
{
	buf_char(out, '\t');
}

static void put_kib(struct buf *out, uint64_t kib, int known)
{
	if (known)
		buf_u64(out, kib);
	put_tab(out);
}

static void put_times(struct buf *out, int64_t time, int64_t first, int64_t last, uint64_t ticks)
{
	if (time != TIME_UNKNOWN)
		buf_time(out, time);
	put_tab(out);
	if (ticks > 0)
		buf_time(out, first);
	put_tab(out);
	if (ticks > 0)
		buf_time(out, last);
	put_tab(out);
	buf_u64(out, ticks);
	buf_char(out, '\n');
}

/* From procs on; the columns before differ. */
static void put_row(const struct peak *k, struct buf *out, const struct row *r)
{
	int there = r->generation == k->total.generation;
	buf_u64(out, r->procs);
	put_tab(out);
	put_kib(out, r->rss_kib, r->known);
	put_kib(out, r->bound_kib, r->known);
	put_kib(out, there ? r->at_peak_kib : 0,
	    r->known && (!k->others_unknown || (there && r->at_peak_kib > 0)));
	put_kib(out, r->vsz_kib, r->known && r->vsz_kib > 0);
	put_times(out, r->known && r->ticks > 0 ? r->time_us : TIME_UNKNOWN, r->first_us,
	    r->last_us, r->ticks);
}

static void put_total(const struct peak *k, struct buf *out)
{
	const struct process *root = k->processes > 0 ? &k->process[0] : NULL;
	buf_str(out, "total\t");
	if (root != NULL)
		buf_put(out, k->names.v[root->group].text, k->names.v[root->group].len);
	put_tab(out);
	if (root != NULL)
		buf_u64(out, (uint64_t)root->pid);
	put_tab(out);
	if (root != NULL)
		buf_u64(out, (uint64_t)root->ppid);
	put_tab(out);
	put_row(k, out, &k->total);
}

static void put_group(const struct peak *k, struct buf *out, uint32_t i)
{
	buf_str(out, "group\t");
	buf_put(out, k->names.v[i].text, k->names.v[i].len);
	buf_str(out, "\t\t\t");
	put_row(k, out, &k->group[i].row);
}

static void put_process(const struct peak *k, struct buf *out, uint32_t i)
{
	const struct process *p = &k->process[i];
	buf_str(out, "process\t");
	buf_put(out, k->names.v[p->group].text, k->names.v[p->group].len);
	put_tab(out);
	buf_u64(out, (uint64_t)p->pid);
	put_tab(out);
	buf_u64(out, (uint64_t)p->ppid);
	put_tab(out);
	put_row(k, out, &p->row);
}

static void put_span(struct buf *out, const struct span *s)
{
	buf_printf(out, "span\t\t\t\t%u\t", s->procs);
	put_kib(out, s->rss_kib, 1);
	put_kib(out, s->bound_kib, 1);
	put_tab(out);
	put_tab(out);
	put_times(out, s->time_us, s->first_us, s->last_us, s->ticks);
}

/* A row and which it is, to be sorted: the largest first, else as they came. */
struct ranked {
	uint64_t rss_kib;
	uint32_t i;
};

static int by_rss(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->rss_kib != y->rss_kib)
		return x->rss_kib < y->rss_kib ? 1 : -1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static void put_ranked(const struct peak *k, struct buf *out, size_t n, int groups)
{
	struct ranked *r = err_realloc(NULL, n + 1, sizeof *r);
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){
		    groups ? k->group[i].row.rss_kib : k->process[i].row.rss_kib, (uint32_t)i};
	qsort(r, n, sizeof *r, by_rss);
	for (size_t i = 0; i < n; i++)
		(groups ? put_group : put_process)(k, out, r[i].i);
	free(r);
}

int peak_write(struct peak *k, struct buf *out)
{
	close_stream(k);
	close_with_maxrss(k);
	if (k->processes == 0 && !k->total.known)
		return -1;
	buf_str(out, "scope\tname\tpid\tppid\tprocs\trss_kib\tbound_kib\tat_peak_kib\tvsz_kib\t"
		     "time\tfirst\tlast\tticks\n");
	put_total(k, out);
	put_ranked(k, out, k->groups, 1);
	put_ranked(k, out, k->processes, 0);
	for (size_t i = 0; i < k->spans.max; i++)
		if (k->spans.v[i].ticks > 0)
			put_span(out, &k->spans.v[i]);
	return 0;
}
