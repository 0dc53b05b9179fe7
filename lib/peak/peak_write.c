/* SPDX-License-Identifier: MIT */
/* Write the peaks as a stream. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "peak/peak_internal.h"
#include "stream/escape.h"

#define GIB_SECOND (1048576 * 1e6) /* in KiB and microseconds */

static void put_tab(struct buf *out)
{
	buf_char(out, '\t');
}

static void put_kib(struct buf *out, uint64_t kib, bool known)
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

/* Append the columns from procs on. */
static void put_row(const struct peak *k, struct buf *out, const struct peak_row *r)
{
	bool present = r->at_peak_number == k->peaks; /* else it held nothing at the peak */
	uint64_t at_peak_kib = present ? r->at_peak_kib : 0;
	bool at_peak_known = r->known && (!k->others_unknown || at_peak_kib > 0);
	bool time_known = r->known && r->ticks > 0;
	buf_u64(out, r->procs);
	put_tab(out);
	put_kib(out, r->rss_kib, r->known);
	put_kib(out, r->bound_kib, (r->known || r->bound_known) && !k->bound_refused);
	put_kib(out, at_peak_kib, at_peak_known);
	put_kib(out, r->vsz_kib, r->known && r->vsz_kib > 0);
	put_times(
	    out, time_known ? r->time_us : PEAK_TIME_UNKNOWN, r->first_us, r->last_us, r->ticks);
}

static void put_name(const struct intern *t, struct buf *out, uint32_t name)
{
	buf_put(out, t->v[name].text, t->v[name].len);
}

static void put_metrics(const struct peak *k, struct buf *out, const struct peak_tally *tally,
    const struct peak_texts *texts)
{
	peak_metrics_put(k, out, tally, texts);
	buf_char(out, '\n');
}

/* Append the metrics of the tree. Its texts are the start time and the command line of process
 * FIRST; SIZE_MAX: there is none. */
static void put_total_metrics(const struct peak *k, struct buf *out, size_t first)
{
	static const unsigned which[] = {METRIC_START, METRIC_CMD};
	struct buf text[METRIC_LABEL - METRICS_FIRST_TEXT] = {0};
	struct peak_texts texts = {text, METRIC_LABEL - METRICS_FIRST_TEXT};
	for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
		size_t at = which[i] - METRICS_FIRST_TEXT;
		if (first < k->metrics.texts && at < k->metrics.text[first].n)
			text[at] = k->metrics.text[first].v[at];
	}
	put_metrics(k, out, &k->metrics.total, &texts);
}

/* Append the columns name, pid and ppid. */
static void put_identity(const struct peak *k, struct buf *out, const struct peak_process *p)
{
	put_name(&k->names, out, p->name);
	put_tab(out);
	buf_u64(out, (uint64_t)p->pid);
	put_tab(out);
	buf_u64(out, (uint64_t)p->ppid);
	put_tab(out);
}

static void put_total(const struct peak *k, struct buf *out)
{
	size_t first = peak_first(k);
	buf_str(out, "total\t");
	if (first != SIZE_MAX)
		put_identity(k, out, &k->process[first]);
	else
		buf_str(out, "\t\t\t");
	put_row(k, out, &k->total);
	put_total_metrics(k, out, first);
}

/* Append the name of group I. If it is the ID of a process that was sampled, add the process's
 * name: `make (8472)`. */
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
	const struct peak_metrics *e = &k->metrics;
	buf_str(out, "group\t");
	put_group_name(k, out, i);
	buf_str(out, "\t\t\t");
	put_row(k, out, &k->group[i].row);
	put_metrics(k, out, i < e->groups ? &e->group[i] : NULL, NULL);
}

static void put_process(const struct peak *k, struct buf *out, uint32_t i)
{
	const struct peak_process *p = &k->process[i];
	const struct peak_metrics *e = &k->metrics;
	buf_str(out, "process\t");
	put_identity(k, out, p);
	put_row(k, out, &p->row);
	put_metrics(
	    k, out, i < e->processes ? &e->process[i] : NULL, i < e->texts ? &e->text[i] : NULL);
}

static void put_span(const struct peak *k, struct buf *out, const struct span *s)
{
	buf_printf(out, "span\t\t\t\t%u\t", s->procs);
	put_kib(out, s->rss_kib, true);
	put_kib(out, s->bound_kib, !k->bound_refused);
	put_tab(out);
	put_tab(out);
	put_times(out, s->time_us, s->first_us, s->last_us, s->ticks);
	put_metrics(k, out, NULL, NULL);
}

static void put_groups(const struct peak *k, struct buf *out)
{
	struct peak_ranked *r = alloc_resize(NULL, k->groups, sizeof *r);
	size_t n = 0;
	for (uint32_t i = 0; i < k->groups; i++)
		if (k->group[i].row.ticks > 0)
			r[n++] = (struct peak_ranked){k->group[i].row.rss_kib, i};
	peak_rank(r, n);
	for (size_t i = 0; i < n; i++)
		put_group(k, out, r[i].i);
	free(r);
}

static void put_processes(const struct peak *k, struct buf *out)
{
	struct peak_ranked *r = alloc_resize(NULL, k->processes, sizeof *r);
	size_t n = 0;
	for (uint32_t i = 0; i < k->processes; i++)
		if (k->process[i].row.ticks > 0)
			r[n++] = (struct peak_ranked){k->process[i].row.rss_kib, i};
	peak_rank(r, n);
	for (size_t i = 0; i < n && i < k->options.processes; i++)
		put_process(k, out, r[i].i);
	free(r);
}

static void put_spans(const struct peak *k, struct buf *out)
{
	const struct span *span;
	for (size_t i = 0; (span = spans_get(&k->spans, i)) != NULL; i++)
		put_span(k, out, span);
}

static void put_number_line(struct buf *out, const char *key, uint64_t value)
{
	buf_printf(out, "%s\t", key);
	buf_u64(out, value);
	buf_char(out, '\n');
}

/* Append the lines about processes without a row: excluded ones, and small ones. */
static void put_process_lines(const struct peak *k, struct buf *out)
{
	uint64_t counted = k->evicted, excluded = k->evicted_excluded;
	for (size_t i = 0; i < k->processes; i++)
		*(k->process[i].row.ticks > 0 ? &counted : &excluded) += 1;
	if (k->options.filtered) {
		buf_str(out, "#excluded\t");
		buf_u64(out, excluded);
		buf_char(out, '\t');
		buf_u64(out, k->excluded_most_kib);
		buf_char(out, '\n');
	}
	if (counted > k->options.processes)
		put_number_line(out, "#unlisted", counted - k->options.processes);
}

static void put_kib_line(struct buf *out, const char *key, double kib)
{
	buf_printf(out, "%s\t%.0f\n", key, kib);
}

static void put_over_time_lines(const struct peak *k, struct buf *out)
{
	struct over_time_figures f;
	if (!over_time_figures(&k->over_time, &f))
		return;
	put_kib_line(out, "#rss_mean_kib", f.mean_kib);
	put_kib_line(out, "#rss_median_kib", f.median_kib);
	put_kib_line(out, "#rss_p95_kib", f.p95_kib);
	put_kib_line(out, "#rss_resting_kib", f.resting_kib);
	buf_printf(out, "#rss_gib_seconds\t%.6f\n", f.kib_us / GIB_SECOND);
}

static void put_bound_line(const struct peak *k, struct buf *out)
{
	if (k->any_bounds_known && !k->bound_refused)
		put_number_line(out, "#bound_exits", k->bound_exits);
}

static void put_group_line(const struct peak *k, struct buf *out)
{
	const char *group_by = k->options.group_by;
	if (group_by == NULL)
		return;
	buf_str(out, "#group_by\t");
	escape_field(out, group_by, strlen(group_by));
	buf_char(out, '\n');
}

int peak_write(struct peak *k, struct buf *out)
{
	peak_close(k);
	if (k->total.ticks == 0 && !k->total.known)
		return -1;
	put_process_lines(k, out);
	put_bound_line(k, out);
	peak_metrics_put_lines(k, out);
	put_over_time_lines(k, out);
	put_group_line(k, out);
	buf_str(out, "scope\tname\tpid\tppid\tprocs\trss_kib\tbound_kib\tat_peak_kib\tvsz_kib\t"
		     "time\tfirst\tlast\tticks");
	peak_metrics_header(k, out);
	buf_char(out, '\n');
	put_total(k, out);
	put_groups(k, out);
	put_processes(k, out);
	put_spans(k, out);
	return 0;
}
