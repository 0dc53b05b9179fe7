/* SPDX-License-Identifier: MIT */
/* The table of metrics. */
#include "stream/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"

const struct metrics_definition metrics_table[METRIC_LABEL] = {
#define DEFINITION(id, column, kind, reduction, json, help)                                        \
	{column, METRICS_##kind, METRICS_##reduction, json, help},
    METRICS_TABLE(DEFINITION)};

#define CHECK_ORDER(id, column, kind, reduction, json, help)                                       \
	_Static_assert(                                                                            \
	    (METRICS_##reduction == METRICS_LAST_TEXT) == (METRIC_##id >= METRICS_FIRST_TEXT),     \
	    "numbers are before texts: " column);
METRICS_TABLE(CHECK_ORDER)

/* The other columns of samples and of peaks. */
static const char *const others[] = {"time", "pid", "ppid", "rss_kib", "hwm_kib", "vsz_kib", "comm",
    "scope", "name", "procs", "bound_kib", "at_peak_kib", "first", "last", "ticks",
    "pss_at_peak_kib"};

#define OTHERS (sizeof others / sizeof *others)

bool metrics_is_short(const char *column, struct slice name)
{
	size_t n = strlen(column);
	if (n == name.n + strlen("_kib") && strcmp(column + name.n, "_kib") == 0)
		n = name.n;
	return n == name.n && memcmp(column, name.p, n) == 0;
}

bool metrics_is_momentary(struct slice name)
{
	if (slice_is(name, "vsz_kib"))
		return true;
	for (unsigned i = 0; i < METRICS_FIRST_TEXT; i++)
		if (slice_is(name, metrics_table[i].column))
			return metrics_table[i].reduction != METRICS_LAST_SUM;
	return false;
}

bool metrics_is_reserved(struct slice name)
{
	for (size_t i = 0; i < OTHERS; i++)
		if (metrics_is_short(others[i], name))
			return true;
	for (size_t i = 0; i < METRIC_LABEL; i++)
		if (metrics_is_short(metrics_table[i].column, name))
			return true;
	return false;
}

/* Return the label NAME, a new one if there is room for it; else METRICS_MAX. */
static unsigned find_label(struct metrics *m, struct slice name)
{
	for (size_t i = 0; i < OTHERS; i++)
		if (slice_is(name, others[i]))
			return METRICS_MAX;
	size_t i = 0;
	while (i < m->labels && !slice_equal((struct slice){m->label[i].p, m->label[i].n}, name))
		i++;
	if (i == METRICS_LABELS || name.n == 0)
		return METRICS_MAX;
	if (i == m->labels)
		buf_put(&m->label[m->labels++], name.p, name.n);
	return METRIC_LABEL + (unsigned)i;
}

/* Return the metric or label in the column NAME, or METRICS_MAX if it is neither. */
static unsigned find(struct metrics *m, struct slice name)
{
	for (unsigned i = 0; i < METRIC_LABEL; i++)
		if (slice_is(name, metrics_table[i].column))
			return i;
	return find_label(m, name);
}

/* Return the set of metrics that follow from those in SET. */
static uint64_t derived(uint64_t set)
{
	uint64_t outside = METRICS_BIT(METRIC_SWAP) | METRICS_BIT(METRIC_HUGETLB) |
			   METRICS_BIT(METRIC_PHYS_FOOTPRINT);
	uint64_t shared = METRICS_BIT(METRIC_FILE) | METRICS_BIT(METRIC_SHMEM);
	return ((set & outside) != 0 ? METRICS_BIT(METRIC_FOOTPRINT) : 0) |
	       ((set & shared) == shared ? METRICS_BIT(METRIC_ANON) : 0);
}

void metrics_header(struct metrics *m, const struct tsv *t)
{
	uint64_t here = 0;
	m->n = 0;
	for (size_t i = 0; i < t->columns; i++) {
		unsigned metric = find(m, tsv_column(t, i));
		if (metric == METRICS_MAX || metrics_has(here, metric))
			continue;
		here |= METRICS_BIT(metric);
		m->at[m->n++] = (struct metrics_column){i, metric};
	}
	m->seen |= here | derived(here);
}

static const char *read_field(
    const struct tsv *t, struct metrics_row *row, unsigned metric, struct slice f)
{
	int64_t us;
	if (metric < METRICS_FIRST_TEXT)
		return parse_u64_in(t->row, f.p, f.n, UINT64_MAX >> 20, &row->number[metric]);
	row->text[metric - METRICS_FIRST_TEXT] = f;
	if (metric < METRIC_LABEL && metrics_table[metric].kind == METRICS_TIME &&
	    parse_time_us(f.p, f.n, &us) != NULL)
		return "invalid start time";
	return NULL;
}

/* Return the memory for the metrics of the row that T has just read. */
static struct metrics_row *find_row(struct metrics *m, const struct tsv *t)
{
	size_t i = t->place, old = m->rows;
	if (i == TSV_NO_PLACE)
		return &m->unplaced;
	if (i < old)
		return &m->row[i];
	m->row = alloc_grow(m->row, &m->rows, i + 1, sizeof *m->row);
	for (size_t new = old; new < m->rows; new++)
		m->row[new].valid = false;
	return &m->row[i];
}

static const char *parse_row(
    const struct metrics *m, const struct tsv *t, struct metrics_row *row)
{
	row->known = row->nonzero = 0;
	for (size_t i = 0; i < m->n; i++) {
		unsigned metric = m->at[i].metric;
		struct slice f = tsv_column(t, m->at[i].column);
		if (f.n == 0)
			continue;
		const char *reason = read_field(t, row, metric, f);
		if (reason != NULL)
			return reason;
		row->known |= METRICS_BIT(metric);
		if (metric < METRICS_FIRST_TEXT && row->number[metric] != 0)
			row->nonzero |= METRICS_BIT(metric);
	}
	return NULL;
}

const char *metrics_parse(struct metrics *m, const struct tsv *t, const struct metrics_row **row)
{
	struct metrics_row *r = find_row(m, t);
	const char *reason = parse_row(m, t, r);
	r->valid = reason == NULL;
	*row = r;
	return reason;
}

struct slice metrics_text(const struct metrics_row *row, unsigned metric)
{
	static const struct slice empty = {"", 0};
	return metrics_has(row->known, metric) ? row->text[metric - METRICS_FIRST_TEXT] : empty;
}

struct slice metrics_name(const struct metrics *m, unsigned metric)
{
	if (metric < METRIC_LABEL)
		return slice_of(metrics_table[metric].column);
	const struct buf *label = &m->label[metric - METRIC_LABEL];
	return (struct slice){label->p, label->n};
}

void metrics_free(struct metrics *m)
{
	for (size_t i = 0; i < m->labels; i++)
		buf_free(&m->label[i]);
	free(m->row);
	*m = (struct metrics){0};
}
