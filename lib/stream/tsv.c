/* Reading a stream of TSV. */
#include "stream/tsv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void tsv_init(struct tsv *t, int fd, const char *const *names, size_t required)
{
	*t = (struct tsv){.in = {.fd = fd}, .names = names, .required = required};
}

/* Return the field from P to the next tab or END. Most fields are a few bytes long, for which a
 * loop is faster than memchr(3). */
static struct slice field_at(const char *p, const char *end)
{
	const char *tab = p;
	while (tab < end && *tab != '\t')
		tab++;
	return (struct slice){p, (size_t)(tab - p)};
}

/* Return the number of the column NAME in the header LINE, or *COUNT if there is none. Set *COUNT
 * to the number of columns. */
static size_t find_column(struct slice line, const char *name, size_t *count)
{
	const char *end = line.p + line.n;
	size_t i = 0, found = (size_t)-1;
	for (const char *p = line.p; p <= end; i++) {
		struct slice f = field_at(p, end);
		if (found == (size_t)-1 && slice_is(f, name))
			found = i;
		p = f.p + f.n + 1;
	}
	*count = i;
	return found < i ? found : i;
}

static bool has_column(struct slice line, const char *name)
{
	size_t count;
	return find_column(line, name, &count) < count;
}

/* Return the first required column that LINE does not have, or NULL if LINE is a header. A row
 * cannot be taken for a header, because a process can choose only one field of it. */
static const char *missing_column(const struct tsv *t, struct slice line)
{
	for (size_t i = 0; i < t->required; i++)
		if (!has_column(line, t->names[i]))
			return t->names[i];
	return NULL;
}

static void take_header(struct tsv *t, struct slice line)
{
	size_t i = 0;
	for (; t->names[i] != NULL; i++)
		t->at[i] = find_column(line, t->names[i], &t->columns);
	t->field = alloc_resize(t->field, t->columns + 1, sizeof *t->field);
	t->field[t->columns] = (struct slice){"", 0};
}

static enum tsv_kind fail(struct tsv *t, enum tsv_kind kind, const char *reason)
{
	t->reason = reason;
	return kind;
}

static enum tsv_kind split(struct tsv *t, struct slice line)
{
	const char *p = line.p, *end = line.p + line.n;
	for (size_t i = 0; i < t->columns; i++) {
		if (p > end)
			return fail(t, TSV_BAD, "fewer fields than the header");
		t->field[i] = field_at(p, end);
		p = t->field[i].p + t->field[i].n + 1;
	}
	return p > end ? TSV_ROW : fail(t, TSV_BAD, "more fields than the header");
}

/* Return whether LINE is the header of peaks, where samples are expected. Peaks have the same
 * columns, with another meaning. */
static bool is_of_peaks(const struct tsv *t, struct slice line)
{
	for (size_t i = 0; t->names[i] != NULL; i++)
		if (strcmp(t->names[i], "scope") == 0)
			return 0;
	return has_column(line, "scope") && has_column(line, "bound_kib");
}

static enum tsv_kind no_header(struct tsv *t, const char *missing, struct slice line)
{
	if (strcmp(missing, "scope") == 0 && has_column(line, "pid") && has_column(line, "rss_kib"))
		return fail(t, TSV_ERROR, "these are samples, not peaks (use mempeak first)");
	if (missing == t->names[0])
		return fail(t, TSV_ERROR, "missing header");
	snprintf(t->text, sizeof t->text, "missing column %s", missing);
	return fail(t, TSV_ERROR, t->text);
}

enum tsv_kind tsv_line(struct tsv *t, struct slice line)
{
	t->line = line;
	if (line.n > 0 && line.p[0] == '#')
		return TSV_META;
	/* A header does not begin with a digit; most rows of samples do. */
	if (t->columns == 0 || line.p[0] < '0' || line.p[0] > '9') {
		const char *missing = missing_column(t, line);
		if (missing == NULL && is_of_peaks(t, line))
			return fail(t, TSV_ERROR, "these are peaks, not samples");
		if (missing == NULL) {
			take_header(t, line);
			(void)split(t, line);
			return TSV_HEADER;
		}
		if (t->columns == 0)
			return no_header(t, missing, line);
	}
	return split(t, line);
}

/* Without a newline, the last digits of a number may be missing. */
enum tsv_kind tsv_rest(struct tsv *t)
{
	if (!lines_rest(&t->in, &t->line))
		return TSV_END;
	if (t->copy != NULL)
		buf_put(t->copy, t->line.p, t->line.n);
	return t->columns == 0 ? fail(t, TSV_ERROR, "missing header")
			       : fail(t, TSV_BAD, "incomplete line");
}

enum tsv_kind tsv_buffered(struct tsv *t)
{
	struct slice line;
	while (lines_next(&t->in, &line)) {
		if (t->copy != NULL)
			buf_put(t->copy, line.p, line.n + 1);
		if (line.n > 0)
			return tsv_line(t, line);
	}
	return TSV_END;
}

enum tsv_kind tsv_next(struct tsv *t)
{
	for (;;) {
		enum tsv_kind kind = tsv_buffered(t);
		if (kind != TSV_END)
			return kind;
		if (t->in.eof)
			break;
		if (lines_fill(&t->in) < 0 && errno != EINTR)
			return fail(t, TSV_ERROR, strerror(errno));
	}
	return tsv_rest(t);
}

struct slice tsv_column(const struct tsv *t, size_t i)
{
	return t->field[i];
}

bool tsv_has(const struct tsv *t, size_t i)
{
	return t->at[i] < t->columns;
}

bool tsv_is_meta(struct slice line, const char *key, struct slice *value)
{
	size_t n = strlen(key);
	if (line.n < n || memcmp(line.p, key, n) != 0 || (line.n > n && line.p[n] != '\t'))
		return 0;
	size_t skip = line.n > n ? n + 1 : n;
	*value = (struct slice){line.p + skip, line.n - skip};
	return 1;
}

void tsv_free(struct tsv *t)
{
	lines_free(&t->in);
	free(t->field);
	t->field = NULL;
}
