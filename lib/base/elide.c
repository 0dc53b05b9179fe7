/* SPDX-License-Identifier: MIT */
/* Names that are cut in the middle. */
#include "base/elide.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/minmax.h"
#include "base/utf8.h"

#define NAMES_MAX 1000 /* are compared */
#define BEFORE 2       /* columns before the first difference of all names */

/* Append the characters of TEXT from column FROM on, as many as fit WIDTH columns. Return their
 * columns. */
static size_t put_columns(struct buf *out, const struct buf *text, size_t from, size_t width)
{
	size_t at = 0, columns = 0;
	for (size_t i = 0; i < text->n;) {
		size_t length = utf8_length(text->p + i, text->n - i);
		length = length > 0 ? length : 1;
		size_t wide = format_columns((struct slice){text->p + i, length});
		if (at >= from && columns + wide > width)
			break;
		if (at >= from) {
			buf_put(out, text->p + i, length);
			columns += wide;
		}
		at += wide;
		i += length;
	}
	return columns;
}

size_t elide_put(const struct elide *e, struct buf *out, struct slice name)
{
	const char *dots = e->utf8 ? "\xe2\x80\xa6" : "...";
	size_t dots_columns = e->utf8 ? 1 : 3;
	struct buf text = {0};
	utf8_visible(&text, name.p, name.n);
	size_t all = format_columns((struct slice){text.p, text.n}), columns = 0;
	if (all <= e->width) {
		buf_put(out, text.p, text.n);
		buf_free(&text);
		return all;
	}
	columns = put_columns(out, &text, 0, (size_t)min_u64(e->head, e->width - dots_columns));
	buf_str(out, dots);
	columns += dots_columns;
	size_t rest = e->width - columns, tail = all - rest;
	if (e->from > 0 && e->from < tail) {
		columns += put_columns(out, &text, e->from, rest - dots_columns);
		buf_str(out, dots);
		columns += dots_columns;
	} else if (rest > 0) {
		columns += put_columns(out, &text, tail, rest);
	}
	buf_free(&text);
	return columns;
}

/* ---- which part */

static int compare(const void *a, const void *b)
{
	const struct buf *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = n > 0 ? memcmp(x->p, y->p, n) : 0;
	return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* Return how many names are the same as another one if E cuts them. */
static size_t count_same(const struct elide *e, const struct slice *names, size_t n)
{
	struct buf *cut = alloc_resize(NULL, n, sizeof *cut);
	size_t same = 0;
	for (size_t i = 0; i < n; i++) {
		cut[i] = (struct buf){0};
		(void)elide_put(e, &cut[i], names[i]);
	}
	qsort(cut, n, sizeof *cut, compare);
	for (size_t i = 1; i < n; i++)
		same += compare(&cut[i - 1], &cut[i]) == 0;
	for (size_t i = 0; i < n; i++)
		buf_free(&cut[i]);
	free(cut);
	return same;
}

/* Return the columns that the names longer than WIDTH have in common at their beginning. */
static size_t common_columns(const struct slice *names, size_t n, size_t width)
{
	struct buf first = {0}, text = {0};
	size_t common = 0;
	for (size_t i = 0; i < n; i++) {
		text.n = 0;
		utf8_visible(&text, names[i].p, names[i].n);
		if (format_columns((struct slice){text.p, text.n}) <= width)
			continue;
		if (first.n == 0) {
			buf_put(&first, text.p, text.n);
			common = text.n;
		}
		size_t same = 0;
		while (same < common && same < text.n && text.p[same] == first.p[same])
			same++;
		common = same;
	}
	common = format_columns((struct slice){first.p, common});
	buf_free(&first);
	buf_free(&text);
	return common;
}

struct elide elide_choose(const struct slice *names, size_t n, size_t width, bool utf8)
{
	const size_t heads[] = {width / 2, width / 4, width * 3 / 4, 0, width};
	struct elide best = {.width = width, .head = width / 2, .utf8 = utf8}, e = best;
	if (n > NAMES_MAX)
		n = NAMES_MAX;
	size_t least = n > 0 ? count_same(&best, names, n) : 0, same;
	for (size_t i = 1; i < sizeof heads / sizeof *heads && least > 0; i++) {
		e.head = heads[i];
		if ((same = count_same(&e, names, n)) < least) {
			best = e;
			least = same;
		}
	}
	size_t common = least > 0 ? common_columns(names, n, width) : 0;
	if (common > BEFORE) {
		e.head = 0;
		e.from = common - BEFORE;
		if (count_same(&e, names, n) < least)
			best = e;
	}
	return best;
}
