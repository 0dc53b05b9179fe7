/* The further columns of samples. */
#include "extras.h"

#include <string.h>

#include "parse.h"

static const char *const names[EXTRAS_LABEL] = {
    [EXTRAS_PSS] = "pss_kib",
    [EXTRAS_USS] = "uss_kib",
    [EXTRAS_SWAP] = "swap_kib",
    [EXTRAS_THREADS] = "threads",
    [EXTRAS_REGIONS] = "regions",
    [EXTRAS_CPU] = "cpu_ms",
    [EXTRAS_READ] = "read_kib",
    [EXTRAS_WRITE] = "write_kib",
    [EXTRAS_START] = "start",
    [EXTRAS_EXE] = "exe",
    [EXTRAS_USER] = "user",
    [EXTRAS_CMD] = "cmd",
};

/* Columns of samples that don't go along, and those that peaks have anyway: no
 * label is called like one of them. */
static const char *const taken[] = {"", "time", "pid", "ppid", "rss_kib", "hwm_kib", "vsz_kib",
    "shared_kib", "comm", "scope", "name", "procs", "bound_kib", "at_peak_kib", "first", "last",
    "ticks", "pss_at_peak_kib"};

static int is_label(const struct extras *e, size_t i, struct slice name)
{
	return e->label[i].n == name.n && memcmp(e->label[i].p, name.p, name.n) == 0;
}

/* A label that is new gets a place, while there is one; else EXTRAS_MAX. */
static unsigned find_label(struct extras *e, struct slice name)
{
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (slice_is(name, taken[i]))
			return EXTRAS_MAX;
	size_t i = 0;
	while (i < e->labels && !is_label(e, i, name))
		i++;
	if (i == EXTRAS_LABELS)
		return EXTRAS_MAX;
	if (i == e->labels)
		buf_put(&e->label[e->labels++], name.p, name.n);
	return EXTRAS_LABEL + (unsigned)i;
}

static unsigned find(struct extras *e, struct slice name)
{
	for (unsigned i = 0; i < EXTRAS_LABEL; i++)
		if (slice_is(name, names[i]))
			return i;
	return find_label(e, name);
}

void extras_header(struct extras *e, const struct table *t)
{
	uint32_t here = 0;
	e->n = 0;
	for (size_t i = 0; i < t->columns; i++) {
		unsigned which = find(e, table_column(t, i));
		if (which == EXTRAS_MAX || (here & EXTRAS_BIT(which)) != 0)
			continue;
		here |= EXTRAS_BIT(which);
		e->at[e->n++] = (struct extras_at){i, which};
	}
	e->seen |= here;
}

const char *extras_read(const struct extras *e, const struct table *t, struct extras_row *row)
{
	row->known = 0;
	for (size_t i = 0; i < e->n; i++) {
		unsigned which = e->at[i].which;
		struct slice f = table_column(t, e->at[i].column);
		if (f.n == 0)
			continue;
		row->known |= EXTRAS_BIT(which);
		int64_t us;
		if (which == EXTRAS_START && parse_time_us(f.p, f.n, &us) != NULL)
			return "the start is not a time";
		if (which >= EXTRAS_NUMBERS) {
			row->text[which - EXTRAS_NUMBERS] = f;
			continue;
		}
		const char *why = parse_u64(f.p, f.n, UINT64_MAX >> 20, &row->number[which]);
		if (why != NULL)
			return why;
	}
	return NULL;
}

struct slice extras_name(const struct extras *e, unsigned which)
{
	if (which < EXTRAS_LABEL)
		return (struct slice){names[which], strlen(names[which])};
	const struct buf *label = &e->label[which - EXTRAS_LABEL];
	return (struct slice){label->p, label->n};
}

void extras_free(struct extras *e)
{
	for (size_t i = 0; i < e->labels; i++)
		buf_free(&e->label[i]);
	*e = (struct extras){0};
}
