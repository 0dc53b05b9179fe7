/* What the further columns of samples come to. */
#include "peak/peak_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "peak/peak_internal.h"

#define PSS_LACKS 16

static bool reduces(unsigned metric, enum metrics_reduction reduction)
{
	return metrics_table[metric].reduction == reduction;
}

/* Return the set of metrics that REDUCTION is for. */
static uint32_t reduced_by(enum metrics_reduction reduction)
{
	uint32_t set = 0;
	for (unsigned i = 0; i < METRIC_LABEL; i++)
		set |= reduces(i, reduction) ? METRICS_BIT(i) : 0;
	return set;
}

/* The one with index I, where N of SIZE are there already; new ones are zeros. */
static void *grown(void *v, size_t *n, size_t size, uint32_t i)
{
	if (i < *n)
		return v;
	size_t old = *n;
	while (i >= *n)
		*n = *n == 0 ? 4 : *n * 2;
	v = alloc_resize(v, *n, size);
	memset((char *)v + old * size, 0, (*n - old) * size);
	return v;
}

static void add(struct peak_tally *t, uint64_t tick, const struct peak_sample *s)
{
	const struct metrics_row *row = s->extras;
	if (t->tick != tick) {
		t->tick = tick;
		t->now_known = 0;
		t->rss_kib = t->pss_rss_kib = 0;
		memset(t->now, 0, sizeof t->now);
	}
	t->now_known |= row->known;
	t->rss_kib += s->rss_kib;
	t->pss_rss_kib += metrics_has(row->known, METRIC_PSS) ? s->rss_kib : 0;
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (reduces(i, METRICS_LARGEST) && metrics_has(row->known, i))
			t->now[i] += row->number[i];
}

/* An empty field doesn't make forgotten what stood there before. */
static void keep_texts(struct peak_texts *t, const struct metrics_row *row)
{
	for (unsigned i = 0; row->known >> (METRICS_FIRST_TEXT + i) != 0; i++) {
		if (!metrics_has(row->known, METRICS_FIRST_TEXT + i))
			continue;
		t->v = grown(t->v, &t->n, sizeof *t->v, i);
		const struct slice *s = &row->text[i];
		if (t->v[i].n == s->n && memcmp(t->v[i].p, s->p, s->n) == 0)
			continue;
		t->v[i].n = 0;
		buf_put(&t->v[i], s->p, s->n);
	}
}

void peak_metrics_add(struct peak *k, uint32_t process, uint32_t group, const struct peak_sample *s)
{
	struct peak_metrics *e = &k->extras;
	const struct metrics_row *row = s->extras;
	e->group = grown(e->group, &e->groups, sizeof *e->group, group);
	e->process = grown(e->process, &e->processes, sizeof *e->process, process);
	e->text = grown(e->text, &e->texts, sizeof *e->text, process);
	struct peak_tally *p = &e->process[process];
	add(&e->total, k->tick, s);
	add(&e->group[group], k->tick, s);
	add(p, k->tick, s);
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (reduces(i, METRICS_LAST_SUM) && metrics_has(row->known, i))
			p->number[i] = row->number[i];
	p->known |= row->known & reduced_by(METRICS_LAST_SUM);
	keep_texts(&e->text[process], row);
}

/* Some belong to others or end before it is read: a sum that lacks more than a small
 * part of the memory would be taken for the whole. */
static void settle_pss(struct peak_tally *t)
{
	if (t->pss_rss_kib < t->rss_kib - t->rss_kib / PSS_LACKS)
		t->now_known &= ~(METRICS_BIT(METRIC_PSS) | METRICS_BIT(METRIC_USS));
}

/* GENERATION: of the reading of PSS that this tick is; 0 if it isn't one with
 * a larger total than before. */
static void close_tally(struct peak_tally *t, uint64_t generation)
{
	settle_pss(t);
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (reduces(i, METRICS_LARGEST) && metrics_has(t->now_known, i) &&
		    (!metrics_has(t->known, i) || t->now[i] > t->number[i]))
			t->number[i] = t->now[i];
	t->known |= t->now_known & reduced_by(METRICS_LARGEST);
	if (generation == 0)
		return;
	t->generation = generation;
	t->at_peak_kib = t->now[METRIC_PSS];
	t->at_peak_known = metrics_has(t->now_known, METRIC_PSS);
}

void peak_metrics_tick(struct peak *k)
{
	struct peak_metrics *e = &k->extras;
	uint64_t generation = 0;
	if (e->total.tick != k->tick)
		return;
	settle_pss(&e->total);
	if (metrics_has(e->total.now_known, METRIC_PSS)) {
		if (e->pss_reads++ == 0 || k->sums.rss_kib > e->at_rss_kib) {
			e->at_rss_kib = k->sums.rss_kib;
			generation = ++e->generation;
		}
	}
	close_tally(&e->total, generation);
	for (size_t i = 0; i < k->now_n; i++) {
		close_tally(&e->process[k->now[i]], generation);
		close_tally(&e->group[k->process[k->now[i]].group], generation);
	}
}

static void add_last(struct peak_tally *sum, const struct peak_tally *t)
{
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++) {
		if (!reduces(i, METRICS_LAST_SUM) || !metrics_has(t->known, i))
			continue;
		sum->known |= METRICS_BIT(i);
		sum->number[i] += t->number[i];
	}
}

/* What was seen last of PROCESS adds up to that of all. */
static void close_process(struct peak *k, uint32_t process)
{
	struct peak_metrics *e = &k->extras;
	if (process >= e->processes || e->process[process].tick == 0)
		return;
	add_last(&e->total, &e->process[process]);
	add_last(&e->group[k->process[process].group], &e->process[process]);
}

static void free_texts(struct peak_texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		buf_free(&t->v[i]);
	free(t->v);
	*t = (struct peak_texts){0};
}

void peak_metrics_forget(struct peak *k, uint32_t process)
{
	struct peak_metrics *e = &k->extras;
	close_process(k, process);
	if (process < e->processes)
		e->process[process] = (struct peak_tally){0};
	if (process < e->texts)
		free_texts(&e->text[process]);
}

void peak_metrics_move(struct peak *k, uint32_t process, uint32_t to)
{
	struct peak_metrics *e = &k->extras;
	if (process < e->processes) {
		e->process[to] = e->process[process];
		e->process[process] = (struct peak_tally){0};
	}
	if (process < e->texts) {
		e->text[to] = e->text[process];
		e->text[process] = (struct peak_texts){0};
	}
}

void peak_metrics_close(struct peak *k)
{
	for (uint32_t i = 0; i < k->processes; i++)
		close_process(k, i);
}

void peak_metrics_header(const struct peak *k, struct buf *out)
{
	uint32_t seen = k->options.extras->seen;
	for (unsigned i = 0; i < METRICS_MAX; i++) {
		struct slice name = metrics_name(k->options.extras, i);
		if (metrics_has(seen, i)) {
			buf_char(out, '\t');
			buf_put(out, name.p, name.n);
		}
		if (i == METRIC_USS && metrics_has(seen, METRIC_PSS))
			buf_str(out, "\tpss_at_peak_kib");
	}
}

static void put_number(struct buf *out, uint64_t number, int known)
{
	buf_char(out, '\t');
	if (known)
		buf_u64(out, number);
}

static void put_at_peak(const struct peak *k, struct buf *out, const struct peak_tally *t)
{
	int there = t->generation == k->extras.generation;
	put_number(out, there ? t->at_peak_kib : 0,
	    k->extras.pss_reads > 0 && (!there || t->at_peak_known));
}

static void put_text(struct buf *out, const struct peak_texts *t, unsigned i)
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
	uint32_t seen = k->options.extras->seen;
	tally = tally != NULL ? tally : &no_tally;
	texts = texts != NULL ? texts : &no_texts;
	for (unsigned i = 0; i < METRICS_MAX; i++) {
		if (metrics_has(seen, i) && i < METRICS_FIRST_TEXT)
			put_number(out, tally->number[i], metrics_has(tally->known, i));
		else if (metrics_has(seen, i))
			put_text(out, texts, i - METRICS_FIRST_TEXT);
		if (i == METRIC_USS && metrics_has(seen, METRIC_PSS))
			put_at_peak(k, out, tally);
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
