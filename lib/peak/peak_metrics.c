/* SPDX-License-Identifier: MIT */
/* The metrics of samples, reduced for the tree, each group and each process. */
#include "peak/peak_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "base/word.h"
#include "peak/peak_internal.h"

#define PSS_MISSING_PART 16
#define PSS_METRICS (METRICS_BIT(METRIC_PSS) | METRICS_BIT(METRIC_USS))

void peak_metrics_init(struct peak_metrics *e)
{
	*e = (struct peak_metrics){0};
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++) {
		if (metrics_table[i].reduction == METRICS_LARGEST)
			e->largest |= METRICS_BIT(i);
		if (metrics_table[i].reduction == METRICS_AT_PEAK)
			e->at_peak |= METRICS_BIT(i);
		if (metrics_table[i].reduction == METRICS_LAST_SUM)
			e->last |= METRICS_BIT(i);
	}
	e->steady = (e->largest | e->at_peak) & ~PSS_METRICS;
}

/* Return V with an element I. *N is the number of elements; new ones are all zeros. */
static void *extend(void *v, size_t *n, size_t size, uint32_t i)
{
	size_t old = *n;
	if (i < old)
		return v;
	v = alloc_grow(v, n, (size_t)i + 1, size);
	memset((char *)v + old * size, 0, (*n - old) * size);
	return v;
}

/* ---- sums of one tick */

static void begin_sums(struct peak_tally *t, uint64_t tick)
{
	t->tick = tick;
	t->open = true;
	t->summed = 0;
	t->rss_kib = t->pss_rss_kib = 0;
	memset(t->sum, 0, sizeof t->sum);
}

static inline void add_numbers(
    const struct peak_metrics *e, struct peak_tally *t, uint64_t tick, const struct peak_sample *s)
{
	const struct metrics_row *row = s->metrics;
	if (t->tick != tick)
		begin_sums(t, tick);
	t->summed |= row->known;
	t->rss_kib += s->rss_kib;
	t->pss_rss_kib += metrics_has(row->known, METRIC_PSS) ? s->rss_kib : 0;
	for (uint64_t set = row->nonzero & (e->largest | e->at_peak); set != 0; set &= set - 1) {
		size_t i = word_first(set);
		t->sum[i] += row->number[i];
	}
}

/* Add the sums of a group to those of the tree. */
static void add_sums(
    const struct peak_metrics *e, struct peak_tally *total, const struct peak_tally *group)
{
	total->summed |= group->summed;
	total->rss_kib += group->rss_kib;
	total->pss_rss_kib += group->pss_rss_kib;
	for (uint64_t set = group->summed & (e->largest | e->at_peak); set != 0; set &= set - 1)
		total->sum[word_first(set)] += group->sum[word_first(set)];
}

/* Set the sums of the metrics that follow from others, see metrics_header(). */
static void derive(struct peak_tally *t)
{
	uint64_t outside = METRICS_BIT(METRIC_SWAP) | METRICS_BIT(METRIC_HUGETLB);
	uint64_t shared = METRICS_BIT(METRIC_FILE) | METRICS_BIT(METRIC_SHMEM);
	if (metrics_has(t->summed, METRIC_PHYS_FOOTPRINT)) {
		t->summed |= METRICS_BIT(METRIC_FOOTPRINT);
		t->sum[METRIC_FOOTPRINT] = t->sum[METRIC_PHYS_FOOTPRINT];
	} else if ((t->summed & outside) != 0) {
		t->summed |= METRICS_BIT(METRIC_FOOTPRINT);
		t->sum[METRIC_FOOTPRINT] =
		    t->rss_kib + t->sum[METRIC_SWAP] + t->sum[METRIC_HUGETLB];
	}
	if ((t->summed & shared) == shared) {
		uint64_t kib = t->sum[METRIC_FILE] + t->sum[METRIC_SHMEM];
		t->summed |= METRICS_BIT(METRIC_ANON);
		t->sum[METRIC_ANON] = t->rss_kib - min_u64(kib, t->rss_kib);
	}
}

/* PSS may be unknown of processes that belong to another user or exited early. A sum that lacks
 * more than a small part of the memory is unknown: it would be taken for the whole. */
static void check_pss(struct peak_tally *t)
{
	if (t->pss_rss_kib < t->rss_kib - t->rss_kib / PSS_MISSING_PART)
		t->summed &= ~PSS_METRICS;
}

/* Take the sums of the tick into the result. */
static void close_sums(const struct peak_metrics *e, struct peak_tally *t)
{
	check_pss(t);
	derive(t);
	t->open = false;
	for (uint64_t set = t->summed & e->largest; set != 0; set &= set - 1) {
		size_t i = word_first(set);
		t->number[i] = max_u64(t->number[i], t->sum[i]);
	}
	uint64_t at_peak = t->summed & e->at_peak;
	if (at_peak != 0 && (t->rss_kib > t->most_kib || (t->known & e->at_peak) == 0)) {
		t->most_kib = t->rss_kib;
		for (; at_peak != 0; at_peak &= at_peak - 1)
			t->number[word_first(at_peak)] = t->sum[word_first(at_peak)];
	}
	t->known |= t->summed & (e->largest | e->at_peak);
}

/* ---- one sample */

static void set_text(struct peak_texts *t, size_t i, struct slice text)
{
	if (i >= t->n) {
		t->v = alloc_resize(t->v, i + 1, sizeof *t->v);
		memset(t->v + t->n, 0, (i + 1 - t->n) * sizeof *t->v);
		t->n = i + 1;
	}
	if (slice_equal((struct slice){t->v[i].p, t->v[i].n}, text))
		return;
	t->v[i].n = 0;
	buf_put(&t->v[i], text.p, text.n);
}

/* Keep the last texts. An empty field does not replace a text. */
static void add_texts(struct peak_texts *t, const struct metrics_row *row)
{
	for (unsigned i = METRICS_FIRST_TEXT; row->known >> i != 0; i++)
		if (metrics_has(row->known, i))
			set_text(t, i - METRICS_FIRST_TEXT, metrics_text(row, i));
}

static void add_to_process(struct peak *k, uint32_t process, const struct peak_sample *s)
{
	struct peak_metrics *e = &k->metrics;
	struct peak_tally *p = &e->process[process];
	const struct metrics_row *row = s->metrics;
	p->last = row;
	add_numbers(e, p, k->tick, s);
	close_sums(e, p);
	for (uint64_t set = row->known & e->last; set != 0; set &= set - 1)
		p->number[word_first(set)] = row->number[word_first(set)];
	p->known |= row->known & e->last;
	if (row->known >> METRICS_FIRST_TEXT != 0) {
		e->text = extend(e->text, &e->texts, sizeof *e->text, process);
		add_texts(&e->text[process], row);
	}
}

void peak_metrics_add(struct peak *k, uint32_t process, uint32_t group, const struct peak_sample *s)
{
	struct peak_metrics *e = &k->metrics;
	if (group >= e->groups)
		e->group = extend(e->group, &e->groups, sizeof *e->group, group);
	if (process >= e->processes)
		e->process = extend(e->process, &e->processes, sizeof *e->process, process);
	add_numbers(e, &e->group[group], k->tick, s);
	if (e->total.tick != k->tick)
		begin_sums(&e->total, k->tick);
	bool same = s->repeated && e->process[process].last == s->metrics;
	if (!same || (s->metrics->known & ~e->steady) != 0)
		add_to_process(k, process, s);
}

/* ---- the end of a tick */

/* Note what T held at the tick with number PSS_PEAK among those with the largest PSS so far. */
static void note_pss_peak(struct peak_tally *t, uint64_t pss_peak)
{
	t->at_peak_number = pss_peak;
	t->at_peak_kib = t->sum[METRIC_PSS];
	t->at_peak_known = metrics_has(t->summed, METRIC_PSS);
}

/* Return the number of the present tick as one with the largest PSS so far, or 0 if it is none. */
static uint64_t count_pss_peak(struct peak_metrics *e, uint64_t rss_kib)
{
	if (!metrics_has(e->total.summed, METRIC_PSS))
		return 0;
	if (e->pss_reads++ > 0 && e->total.sum[METRIC_PSS] <= e->pss_kib)
		return 0;
	e->pss_kib = e->total.sum[METRIC_PSS];
	e->at_rss_kib = rss_kib;
	return ++e->pss_peaks;
}

void peak_metrics_tick(struct peak *k)
{
	struct peak_metrics *e = &k->metrics;
	if (e->total.tick != k->tick)
		return;
	for (size_t i = 0; i < k->present.n; i++) {
		struct peak_tally *group = &e->group[k->process[k->present.v[i]].group];
		if (group->open) {
			add_sums(e, &e->total, group);
			close_sums(e, group);
		}
	}
	close_sums(e, &e->total);
	uint64_t pss_peak = count_pss_peak(e, k->sums.rss_kib);
	if (pss_peak == 0)
		return;
	note_pss_peak(&e->total, pss_peak);
	for (size_t i = 0; i < k->present.n; i++) {
		note_pss_peak(&e->process[k->present.v[i]], pss_peak);
		note_pss_peak(&e->group[k->process[k->present.v[i]].group], pss_peak);
	}
}

/* ---- the end of a process */

static void add_last(
    const struct peak_metrics *e, struct peak_tally *sum, const struct peak_tally *t)
{
	for (uint64_t set = t->known & e->last; set != 0; set &= set - 1)
		sum->number[word_first(set)] += t->number[word_first(set)];
	sum->known |= t->known & e->last;
}

/* Add the last values of PROCESS to those of the tree and of its last group. */
static void close_process(struct peak *k, uint32_t process)
{
	struct peak_metrics *e = &k->metrics;
	if (process >= e->processes || e->process[process].tick == 0)
		return;
	uint32_t group = k->process[process].group;
	if (group >= e->groups) /* all its samples are of a stream without metrics */
		e->group = extend(e->group, &e->groups, sizeof *e->group, group);
	add_last(e, &e->total, &e->process[process]);
	add_last(e, &e->group[group], &e->process[process]);
}

static void free_texts(struct peak_texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		buf_free(&t->v[i]);
	free(t->v);
	*t = (struct peak_texts){0};
}

void peak_metrics_evict(struct peak *k, uint32_t process)
{
	struct peak_metrics *e = &k->metrics;
	close_process(k, process);
	if (process < e->processes)
		e->process[process] = (struct peak_tally){0};
	if (process < e->texts)
		free_texts(&e->text[process]);
}

void peak_metrics_move(struct peak *k, uint32_t process, uint32_t to)
{
	struct peak_metrics *e = &k->metrics;
	if (process < e->processes) {
		e->process[to] = e->process[process];
		e->process[process] = (struct peak_tally){0};
	}
	if (process < e->texts) {
		e->text[to] = e->text[process];
		e->text[process] = (struct peak_texts){0};
	}
}

/* Marks can prove a larger RSS than any tick. The footprint is at least that, except that of macOS:
 * it has not all pages of files. */
static void raise_footprint(struct peak_tally *t, const struct peak_row *row)
{
	if (metrics_has(t->known, METRIC_FOOTPRINT) &&
	    !metrics_has(t->known, METRIC_PHYS_FOOTPRINT) && row->known)
		peak_raise(&t->number[METRIC_FOOTPRINT], row->rss_kib);
}

void peak_metrics_close(struct peak *k)
{
	struct peak_metrics *e = &k->metrics;
	for (uint32_t i = 0; i < k->processes; i++)
		close_process(k, i);
	raise_footprint(&e->total, &k->total);
	for (size_t i = 0; i < k->groups && i < e->groups; i++)
		raise_footprint(&e->group[i], &k->group[i].row);
	for (size_t i = 0; i < k->processes && i < e->processes; i++)
		raise_footprint(&e->process[i], &k->process[i].row);
}

/* ---- the output */

void peak_metrics_header(const struct peak *k, struct buf *out)
{
	uint64_t seen = k->options.metrics->seen;
	for (unsigned i = 0; i < METRICS_MAX; i++) {
		struct slice name = metrics_name(k->options.metrics, i);
		if (metrics_has(seen, i)) {
			buf_char(out, '\t');
			buf_put(out, name.p, name.n);
		}
		if (i == METRIC_USS && metrics_has(seen, METRIC_PSS))
			buf_str(out, "\tpss_at_peak_kib");
	}
}

static void put_number(struct buf *out, uint64_t number, bool known)
{
	buf_char(out, '\t');
	if (known)
		buf_u64(out, number);
}

/* A row that is not in the tick of the peak held nothing. */
static void put_pss_at_peak(const struct peak *k, struct buf *out, const struct peak_tally *t)
{
	bool present = t->at_peak_number == k->metrics.pss_peaks;
	put_number(out, present ? t->at_peak_kib : 0,
	    k->metrics.pss_reads > 0 && (!present || t->at_peak_known));
}

static void put_text(struct buf *out, const struct peak_texts *t, size_t i)
{
	buf_char(out, '\t');
	if (i < t->n)
		buf_put(out, t->v[i].p, t->v[i].n);
}

void peak_metrics_put(const struct peak *k, struct buf *out, const struct peak_tally *tally,
    const struct peak_texts *texts)
{
	static const struct peak_tally no_tally;
	static const struct peak_texts no_texts;
	uint64_t seen = k->options.metrics->seen;
	tally = tally != NULL ? tally : &no_tally;
	texts = texts != NULL ? texts : &no_texts;
	for (unsigned i = 0; i < METRICS_MAX; i++) {
		if (metrics_has(seen, i) && i < METRICS_FIRST_TEXT)
			put_number(out, tally->number[i], metrics_has(tally->known, i));
		else if (metrics_has(seen, i))
			put_text(out, texts, i - METRICS_FIRST_TEXT);
		if (i == METRIC_USS && metrics_has(seen, METRIC_PSS))
			put_pss_at_peak(k, out, tally);
	}
}

void peak_metrics_free(struct peak_metrics *e)
{
	for (size_t i = 0; i < e->texts; i++)
		free_texts(&e->text[i]);
	free(e->group);
	free(e->process);
	free(e->text);
}
