/* The table of peaks. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "peak/peak_internal.h"
#include "stream/escape.h"

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
	if (time != PEAK_TIME_UNKNOWN)
		buf_time(out, time);
	put_tab(out);
	if (ticks > 0)
		buf_time(out, first);
	put_tab(out);
	if (ticks > 0)
		buf_time(out, last);
	put_tab(out);
	buf_u64(out, ticks);
}

/* From procs on; the columns before differ. */
static void put_row(const struct peak *k, struct buf *out, const struct peak_row *r)
{
	int there = r->generation == k->total.generation;
	buf_u64(out, r->procs);
	put_tab(out);
	put_kib(out, r->rss_kib, r->known);
	put_kib(out, r->bound_kib, r->known);
	put_kib(out, there ? r->at_peak_kib : 0,
	    r->known && (!k->others_unknown || (there && r->at_peak_kib > 0)));
	put_kib(out, r->vsz_kib, r->known && r->vsz_kib > 0);
	put_times(out, r->known && r->ticks > 0 ? r->time_us : PEAK_TIME_UNKNOWN, r->first_us,
	    r->last_us, r->ticks);
}

static void put_name(const struct intern *t, struct buf *out, uint32_t name)
{
	buf_put(out, t->v[name].text, t->v[name].len);
}

static void put_extras(const struct peak *k, struct buf *out, const struct peak_tally *tally,
    const struct peak_texts *texts)
{
	peak_metrics_put(k, out, tally, texts);
	buf_char(out, '\n');
}

/* When the first process began, and its command line. */
static void put_total_extras(
    const struct peak *k, struct buf *out, const struct peak_process *first)
{
	struct buf some[METRIC_LABEL - METRICS_FIRST_TEXT] = {0};
	struct peak_texts texts = {some, METRIC_LABEL - METRICS_FIRST_TEXT};
	static const unsigned which[] = {METRIC_START, METRIC_CMD};
	size_t root = first != NULL ? (size_t)(first - k->process) : SIZE_MAX;
	for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
		size_t at = which[i] - METRICS_FIRST_TEXT;
		if (root < k->extras.texts && at < k->extras.text[root].n)
			some[at] = k->extras.text[root].v[at];
	}
	put_extras(k, out, &k->extras.total, &texts);
}

static void put_total(const struct peak *k, struct buf *out)
{
	size_t first = peak_first(k);
	const struct peak_process *root = first != SIZE_MAX ? &k->process[first] : NULL;
	buf_str(out, "total\t");
	if (root != NULL)
		put_name(&k->names, out, root->name);
	put_tab(out);
	if (root != NULL)
		buf_u64(out, (uint64_t)root->pid);
	put_tab(out);
	if (root != NULL)
		buf_u64(out, (uint64_t)root->ppid);
	put_tab(out);
	put_row(k, out, &k->total);
	put_total_extras(k, out, root);
}

/* A parent that was measured itself by name too: `make (8472)`. */
static void put_group_name(const struct peak *k, struct buf *out, uint32_t i)
{
	const struct intern_entry *e = &k->group_names.v[i];
	pid_t pid;
	uint32_t parent = PIDMAP_NONE;
	if (k->options.by_parent && parse_pid(e->text, e->len, &pid) == NULL)
		parent = pidmap_get(&k->live, pid);
	if (parent != PIDMAP_NONE) {
		put_name(&k->names, out, k->process[parent].name);
		buf_str(out, " (");
	}
	put_name(&k->group_names, out, i);
	if (parent != PIDMAP_NONE)
		buf_char(out, ')');
}

static void put_group(const struct peak *k, struct buf *out, uint32_t i)
{
	const struct peak_metrics *e = &k->extras;
	buf_str(out, "group\t");
	put_group_name(k, out, i);
	buf_str(out, "\t\t\t");
	put_row(k, out, &k->group[i].row);
	put_extras(k, out, i < e->groups ? &e->group[i] : NULL, NULL);
}

static void put_process(const struct peak *k, struct buf *out, uint32_t i)
{
	const struct peak_process *p = &k->process[i];
	const struct peak_metrics *e = &k->extras;
	buf_str(out, "process\t");
	put_name(&k->names, out, p->name);
	put_tab(out);
	buf_u64(out, (uint64_t)p->pid);
	put_tab(out);
	buf_u64(out, (uint64_t)p->ppid);
	put_tab(out);
	put_row(k, out, &p->row);
	put_extras(
	    k, out, i < e->processes ? &e->process[i] : NULL, i < e->texts ? &e->text[i] : NULL);
}

static void put_span(const struct peak *k, struct buf *out, const struct span *s)
{
	buf_printf(out, "span\t\t\t\t%u\t", s->procs);
	put_kib(out, s->rss_kib, 1);
	put_kib(out, s->bound_kib, 1);
	put_tab(out);
	put_tab(out);
	put_times(out, s->time_us, s->first_us, s->last_us, s->ticks);
	put_extras(k, out, NULL, NULL);
}

/* Those of N that were counted, the largest first. How many. */
static size_t rank(const struct peak *k, struct peak_ranked *r, size_t n, int groups)
{
	size_t rows = 0;
	for (size_t i = 0; i < n; i++) {
		const struct peak_row *row = groups ? &k->group[i].row : &k->process[i].row;
		if (row->ticks > 0)
			r[rows++] = (struct peak_ranked){row->rss_kib, (uint32_t)i};
	}
	peak_rank(r, rows);
	return rows;
}

static void put_groups(const struct peak *k, struct buf *out)
{
	struct peak_ranked *r = alloc_resize(NULL, k->groups + 1, sizeof *r);
	size_t n = rank(k, r, k->groups, 1);
	for (size_t i = 0; i < n; i++)
		put_group(k, out, r[i].i);
	free(r);
}

static void put_processes(const struct peak *k, struct buf *out)
{
	struct peak_ranked *r = alloc_resize(NULL, k->processes + 1, sizeof *r);
	size_t n = rank(k, r, k->processes, 0);
	for (size_t i = 0; i < n && i < k->options.processes; i++)
		put_process(k, out, r[i].i);
	free(r);
}

static void put_fact(struct buf *out, const char *key, uint64_t value)
{
	buf_printf(out, "%s\t", key);
	buf_u64(out, value);
	buf_char(out, '\n');
}

/* The lines about the whole that nobody before us could know. */
static void put_facts(const struct peak *k, struct buf *out)
{
	const char *group_by = k->options.group_by;
	uint64_t counted = k->forgotten, left_out = k->forgotten_left_out;
	for (size_t i = 0; i < k->processes; i++)
		*(k->process[i].row.ticks > 0 ? &counted : &left_out) += 1;
	if (k->options.filtered) {
		buf_str(out, "#left_out\t");
		buf_u64(out, left_out);
		buf_char(out, '\t');
		buf_u64(out, k->left_out_most_kib);
		buf_char(out, '\n');
	}
	if (counted > k->options.processes)
		put_fact(out, "#unlisted", counted - k->options.processes);
	if ((k->options.extras->seen & METRICS_BIT(METRIC_PSS)) != 0) {
		put_fact(out, "#pss_reads", k->extras.pss_reads);
		if (k->extras.pss_reads > 0)
			put_fact(out, "#pss_at_rss_kib", k->extras.at_rss_kib);
	}
	if (group_by != NULL) {
		buf_str(out, "#group_by\t");
		escape_field(out, group_by, strlen(group_by));
		buf_char(out, '\n');
	}
}

int peak_write(struct peak *k, struct buf *out)
{
	peak_close(k);
	if (k->total.ticks == 0 && !k->total.known)
		return -1;
	put_facts(k, out);
	buf_str(out, "scope\tname\tpid\tppid\tprocs\trss_kib\tbound_kib\tat_peak_kib\tvsz_kib\t"
		     "time\tfirst\tlast\tticks");
	peak_metrics_header(k, out);
	buf_char(out, '\n');
	put_total(k, out);
	put_groups(k, out);
	put_processes(k, out);
	const struct span *span;
	for (size_t i = 0; (span = spans_get(&k->spans, i)) != NULL; i++)
		put_span(k, out, span);
	return 0;
}
