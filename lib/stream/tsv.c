/* SPDX-License-Identifier: MIT */
/* Reading a stream of TSV. */
#include "stream/tsv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/word.h"

#define BLOCK 64	/* bytes of which a word is a set */
#define PLACE_TEXT 1024 /* a longer row is not remembered */

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

static void forget_places(struct tsv *t)
{
	for (size_t i = 0; i < t->places_n; i++) {
		buf_free(&t->places[i].text);
		free(t->places[i].field);
	}
	t->places_n = t->next_place = 0;
	t->tick.n = 0;
}

static void take_header(struct tsv *t, struct slice line)
{
	size_t i = 0;
	for (; t->names[i] != NULL; i++)
		t->at[i] = find_column(line, t->names[i], &t->columns);
	forget_places(t);
	t->unplaced = alloc_resize(t->unplaced, t->columns + 1, sizeof *t->unplaced);
	t->unplaced[t->columns] = (struct slice){"", 0};
	t->field = t->unplaced;
}

static enum tsv_kind fail(struct tsv *t, enum tsv_kind kind, const char *reason)
{
	t->reason = reason;
	return kind;
}

/* Return the set of tabs among the BLOCK bytes of LINE from AT on: bit I is byte AT + I. */
static inline uint64_t find_tabs(struct slice line, size_t at)
{
	const char *p = line.p + at;
	size_t left = line.n - at, n = left < BLOCK ? left : BLOCK, i = 0;
	uint64_t tabs = 0;
	for (; i + WORD_SIZE <= n; i += WORD_SIZE)
		tabs |= word_find(word_load(p + i), '\t') << i;
	if (i < n) /* the last bytes of the line */
		tabs |= word_find(word_load_last(line.p, line.n, n - i), '\t') << i;
	return tabs;
}

/* Split a row at its tabs. They are found for a block at once, because the processor can predict
 * how many a block of a row has, but not where the next one is. */
static enum tsv_kind split(struct tsv *t, struct slice line)
{
	struct slice *f = t->field, *last = f + t->columns - 1;
	const char *from = line.p, *end = line.p + line.n;
	for (size_t at = 0; at < line.n; at += BLOCK) {
		uint64_t tabs = find_tabs(line, at);
		for (; tabs != 0 && f < last; tabs &= tabs - 1) {
			const char *tab = line.p + at + word_first(tabs);
			*f++ = (struct slice){from, (size_t)(tab - from)};
			from = tab + 1;
		}
		if (tabs != 0)
			return fail(t, TSV_BAD, "more fields than the header");
	}
	if (f < last)
		return fail(t, TSV_BAD, "fewer fields than the header");
	*f = (struct slice){from, (size_t)(end - from)};
	return TSV_ROW;
}

/* Return the place of the row LINE in its tick, a new one if needed, or NULL if the row is not to
 * be remembered. */
static struct tsv_place *find_place(struct tsv *t, struct slice line)
{
	if (line.n <= t->tick.n || t->tick.n == 0 || memcmp(line.p, t->tick.p, t->tick.n) != 0) {
		const char *tab = memchr(line.p, '\t', line.n);
		if (tab == NULL)
			return NULL;
		t->continued = false;
		t->tick.n = t->next_place = 0;
		buf_put(&t->tick, line.p, (size_t)(tab + 1 - line.p));
	}
	if (line.n > PLACE_TEXT || t->next_place == TSV_PLACES)
		return NULL;
	t->place = t->next_place++;
	if (t->place == t->places_n) {
		t->places =
		    alloc_grow(t->places, &t->places_cap, t->places_n + 1, sizeof *t->places);
		struct tsv_place *new = &t->places[t->places_n++];
		*new = (struct tsv_place){0};
		new->field = alloc_resize(NULL, t->columns + 1, sizeof *new->field);
		new->field[t->columns] = (struct slice){"", 0};
	}
	return &t->places[t->place];
}

static enum tsv_kind take_row(struct tsv *t, struct slice line)
{
	t->place = TSV_NO_PLACE;
	t->continued = t->remember; /* unless find_place finds another first field */
	struct tsv_place *p = t->remember ? find_place(t, line) : NULL;
	size_t first_n = t->tick.n;
	t->repeated = false;
	t->row = line.p;
	t->field = t->unplaced;
	if (p == NULL)
		return split(t, line);
	if (p->valid && p->text.n == line.n && p->first_n == first_n &&
	    memcmp(p->text.p + first_n, line.p + first_n, line.n - first_n) == 0) {
		memcpy(p->text.p, line.p, first_n);
		t->repeated = true;
	} else {
		p->text.n = 0;
		buf_put(&p->text, line.p, line.n);
		p->first_n = first_n;
	}
	t->row = p->text.p;
	t->field = p->field;
	enum tsv_kind kind = t->repeated ? TSV_ROW : split(t, (struct slice){p->text.p, p->text.n});
	p->valid = kind == TSV_ROW;
	return kind;
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

/* Return why LINE, the first one, is no header. */
static const char *no_header_reason(struct slice line)
{
	static const struct {
		const char *start, *reason;
	} compressed[] = {
	    {"\x1f\x8b", "compressed; use gzip -dc first"},
	    {"\xfd\x37zXZ", "compressed; use xz -dc first"},
	    {"\x28\xb5\x2f\xfd", "compressed; use zstd -dc first"},
	};
	for (size_t i = 0; i < sizeof compressed / sizeof *compressed; i++) {
		size_t n = strlen(compressed[i].start);
		if (line.n >= n && memcmp(line.p, compressed[i].start, n) == 0)
			return compressed[i].reason;
	}
	static const char csv[] = ",rss_kib";
	for (size_t i = 0; i + strlen(csv) <= line.n; i++)
		if (memcmp(line.p + i, csv, strlen(csv)) == 0)
			return "separated by commas, not by tabs";
	return "missing header";
}

static enum tsv_kind no_header(struct tsv *t, const char *missing, struct slice line)
{
	if (strcmp(missing, "scope") == 0 && has_column(line, "pid") && has_column(line, "rss_kib"))
		return fail(t, TSV_ERROR, "these are samples, not peaks (use mempeak first)");
	if (missing == t->names[0])
		return fail(t, TSV_ERROR, no_header_reason(line));
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
	return take_row(t, line);
}

/* Without a newline, the last digits of a number may be missing. */
enum tsv_kind tsv_rest(struct tsv *t)
{
	if (!lines_rest(&t->in, &t->line))
		return TSV_END;
	if (t->copy != NULL)
		buf_put(t->copy, t->line.p, t->line.n);
	return t->columns == 0 ? fail(t, TSV_ERROR, no_header_reason(t->line))
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

struct slice tsv_take_field(struct slice *rest)
{
	const char *tab = rest->n > 0 ? memchr(rest->p, '\t', rest->n) : NULL;
	struct slice field = {rest->p, tab != NULL ? (size_t)(tab - rest->p) : rest->n};
	size_t skip = tab != NULL ? field.n + 1 : field.n;
	*rest = (struct slice){rest->p + skip, rest->n - skip};
	return field;
}

void tsv_free(struct tsv *t)
{
	lines_free(&t->in);
	forget_places(t);
	free(t->places);
	buf_free(&t->tick);
	free(t->unplaced);
	t->field = t->unplaced = NULL;
}
