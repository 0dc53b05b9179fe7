/* The metrics of samples, reduced for the tree, each group and each process. */
#include "peak/peak_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "peak/peak_internal.h"

#define PSS_MISSING_PART 16

void peak_metrics_init(struct peak_metrics *e)
{
	*e = (struct peak_metrics){0};
	for (unsigned i = 0; i < METRIC_LABEL; i++) {
		if (metrics_table[i].reduction == METRICS_LARGEST)
			e->largest |= METRICS_BIT(i);
		if (metrics_table[i].reduction == METRICS_LAST_SUM)
			e->last |= METRICS_BIT(i);
	}
}

/* Return V with an element I. *N is the number of elements; new ones are all zeros. */
static void *extend(void *v, size_t *n, size_t size, uint32_t i)
{
	size_t old = *n;
	v = alloc_grow(v, n, (size_t)i + 1, size);
	if (*n > old)
		memset((char *)v + old * size, 0, (*n - old) * size);
	return v;
}

/* ---- one sample */

static void add_numbers(
    const struct peak_metrics *e, struct peak_tally *t, uint64_t tick, const struct peak_sample *s)
{
	const struct metrics_row *row = s->metrics;
	if (t->tick != tick) {
		t->tick = tick;
		t->summed = 0;
		t->rss_kib = t->pss_rss_kib = 0;
		memset(t->sum, 0, sizeof t->sum);
	}
	t->summed |= row->known;
	t->rss_kib += s->rss_kib;
	t->pss_rss_kib += metrics_has(row->known, METRIC_PSS) ? s->rss_kib : 0;
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (metrics_has(row->known & e->largest, i))
			t->sum[i] += row->number[i];
}

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

void peak_metrics_add(struct peak *k, uint32_t process, uint32_t group, const struct peak_sample *s)
{
	struct peak_metrics *e = &k->metrics;
	const struct metrics_row *row = s->metrics;
	e->group = extend(e->group, &e->groups, sizeof *e->group, group);
	e->process = extend(e->process, &e->processes, sizeof *e->process, process);
	e->text = extend(e->text, &e->texts, sizeof *e->text, process);
	struct peak_tally *p = &e->process[process];
	add_numbers(e, &e->total, k->tick, s);
	add_numbers(e, &e->group[group], k->tick, s);
	add_numbers(e, p, k->tick, s);
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (metrics_has(row->known & e->last, i))
			p->number[i] = row->number[i];
	p->known |= row->known & e->last;
	add_texts(&e->text[process], row);
}

/* ---- the end of a tick */

/* PSS may be unknown of processes that belong to another user or exited early. A sum that lacks
 * more than a small part of the memory is unknown: it would be taken for the whole. */
static void check_pss(struct peak_tally *t)
{
	if (t->pss_rss_kib < t->rss_kib - t->rss_kib / PSS_MISSING_PART)
		t->summed &= ~(METRICS_BIT(METRIC_PSS) | METRICS_BIT(METRIC_USS));
}

/* Take the sums of the tick into the result. PSS_PEAK is the number of the tick among those with
 * the largest RSS so far, 0 if it is none. */
static void close_tally(const struct peak_metrics *e, struct peak_tally *t, uint64_t pss_peak)
{
	check_pss(t);
	uint32_t summed = t->summed & e->largest;
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (metrics_has(summed, i) &&
		    (!metrics_has(t->known, i) || t->sum[i] > t->number[i]))
			t->number[i] = t->sum[i];
	t->known |= summed;
	if (pss_peak == 0)
		return;
	t->at_peak_number = pss_peak;
	t->at_peak_kib = t->sum[METRIC_PSS];
	t->at_peak_known = metrics_has(t->summed, METRIC_PSS);
}

/* Return the number of the present tick as a peak with PSS, or 0 if it is none. */
static uint64_t count_pss_peak(struct peak_metrics *e, uint64_t rss_kib)
{
	if (!metrics_has(e->total.summed, METRIC_PSS))
		return 0;
	if (e->pss_reads++ > 0 && rss_kib <= e->at_rss_kib)
		return 0;
	e->at_rss_kib = rss_kib;
	return ++e->pss_peaks;
}

void peak_metrics_tick(struct peak *k)
{
	struct peak_metrics *e = &k->metrics;
	if (e->total.tick != k->tick)
		return;
	check_pss(&e->total);
	uint64_t pss_peak = count_pss_peak(e, k->sums.rss_kib);
	close_tally(e, &e->total, pss_peak);
	for (size_t i = 0; i < k->present.n; i++) {
		uint32_t process = k->present.v[i];
		close_tally(e, &e->process[process], pss_peak);
		close_tally(e, &e->group[k->process[process].group], pss_peak);
	}
}

/* ---- the end of a process */

static void add_last(
    const struct peak_metrics *e, struct peak_tally *sum, const struct peak_tally *t)
{
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (metrics_has(t->known & e->last, i))
			sum->number[i] += t->number[i];
	sum->known |= t->known & e->last;
}

/* Add the last values of PROCESS to those of the tree and of its last group. */
static void close_process(struct peak *k, uint32_t process)
{
	struct peak_metrics *e = &k->metrics;
	if (process >= e->processes || e->process[process].tick == 0)
		return;
	add_last(e, &e->total, &e->process[process]);
	add_last(e, &e->group[k->process[process].group], &e->process[process]);
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

void peak_metrics_close(struct peak *k)
{
	for (uint32_t i = 0; i < k->processes; i++)
		close_process(k, i);
}

/* ---- the output */

void peak_metrics_header(const struct peak *k, struct buf *out)
{
	uint32_t seen = k->options.metrics->seen;
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
	uint32_t seen = k->options.metrics->seen;
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
