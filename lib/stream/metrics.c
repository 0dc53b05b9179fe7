/* The further columns of samples. */
#include "stream/metrics.h"

#include <string.h>

#include "base/parse.h"
#include "base/slice.h"

static const char *const names[METRIC_LABEL] = {
    [METRIC_PSS] = "pss_kib",
    [METRIC_USS] = "uss_kib",
    [METRIC_SWAP] = "swap_kib",
    [METRIC_THREADS] = "threads",
    [METRIC_REGIONS] = "regions",
    [METRIC_CPU] = "cpu_ms",
    [METRIC_READ] = "read_kib",
    [METRIC_WRITE] = "write_kib",
    [METRIC_START] = "start",
    [METRIC_EXE] = "exe",
    [METRIC_USER] = "user",
    [METRIC_CMD] = "cmd",
};

/* Columns of samples that don't go along, and those that peaks have anyway: no
 * label is called like one of them. */
static const char *const taken[] = {"", "time", "pid", "ppid", "rss_kib", "hwm_kib", "vsz_kib",
    "shared_kib", "comm", "scope", "name", "procs", "bound_kib", "at_peak_kib", "first", "last",
    "ticks", "pss_at_peak_kib"};

static int is_label(const struct metrics *e, size_t i, struct slice name)
{
	return e->label[i].n == name.n && memcmp(e->label[i].p, name.p, name.n) == 0;
}

/* A label that is new gets a place, while there is one; else METRICS_MAX. */
static unsigned find_label(struct metrics *e, struct slice name)
{
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (slice_is(name, taken[i]))
			return METRICS_MAX;
	size_t i = 0;
	while (i < e->labels && !is_label(e, i, name))
		i++;
	if (i == METRICS_LABELS)
		return METRICS_MAX;
	if (i == e->labels)
		buf_put(&e->label[e->labels++], name.p, name.n);
	return METRIC_LABEL + (unsigned)i;
}

static unsigned find(struct metrics *e, struct slice name)
{
	for (unsigned i = 0; i < METRIC_LABEL; i++)
		if (slice_is(name, names[i]))
			return i;
	return find_label(e, name);
}

void metrics_header(struct metrics *e, const struct tsv *t)
{
	uint32_t here = 0;
	e->n = 0;
	for (size_t i = 0; i < t->columns; i++) {
		unsigned which = find(e, tsv_column(t, i));
		if (which == METRICS_MAX || (here & METRICS_BIT(which)) != 0)
			continue;
		here |= METRICS_BIT(which);
		e->at[e->n++] = (struct metrics_at){i, which};
	}
	e->seen |= here;
}

const char *metrics_read(const struct metrics *e, const struct tsv *t, struct metrics_row *row)
{
	row->known = 0;
	for (size_t i = 0; i < e->n; i++) {
		unsigned which = e->at[i].which;
		struct slice f = tsv_column(t, e->at[i].column);
		if (f.n == 0)
			continue;
		row->known |= METRICS_BIT(which);
		int64_t us;
		if (which == METRIC_START && parse_time_us(f.p, f.n, &us) != NULL)
			return "the start is not a time";
		if (which >= METRICS_NUMBERS) {
			row->text[which - METRICS_NUMBERS] = f;
			continue;
		}
		const char *why = parse_u64(f.p, f.n, UINT64_MAX >> 20, &row->number[which]);
		if (why != NULL)
			return why;
	}
	return NULL;
}

struct slice metrics_name(const struct metrics *e, unsigned which)
{
	if (which < METRIC_LABEL)
		return (struct slice){names[which], strlen(names[which])};
	const struct buf *label = &e->label[which - METRIC_LABEL];
	return (struct slice){label->p, label->n};
}

void metrics_free(struct metrics *e)
{
	for (size_t i = 0; i < e->labels; i++)
		buf_free(&e->label[i]);
	*e = (struct metrics){0};
}
