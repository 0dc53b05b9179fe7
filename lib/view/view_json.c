/* SPDX-License-Identifier: MIT */
/* JSON that can be put into a page of HTML. */
#include "view/view_json.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "base/utf8.h"

/* Append C, or the three bytes at it, escaped. Return how many bytes that were. */
static size_t put_character(struct buf *out, const char *c, size_t n)
{
	if (n >= 3 && memcmp(c, "\xe2\x80", 2) == 0 && (c[2] == '\xa8' || c[2] == '\xa9')) {
		buf_str(out, c[2] == '\xa8' ? "\\u2028" : "\\u2029");
		return 3;
	}
	if (*c == '<' || *c == '>' || *c == '&') {
		buf_printf(out, "\\u%04x", (unsigned)*c);
		return 1;
	}
	if (*c == '"' || *c == '\\')
		buf_char(out, '\\');
	buf_char(out, *c);
	return 1;
}

static void put_string(struct buf *out, const struct buf *visible)
{
	buf_char(out, '"');
	for (size_t i = 0; i < visible->n;)
		i += put_character(out, visible->p + i, visible->n - i);
	buf_char(out, '"');
}

void view_json_text(struct buf *out, struct slice text)
{
	struct buf visible = {0};
	utf8_visible(&visible, text.p, text.n);
	put_string(out, &visible);
	buf_free(&visible);
}

void view_json_short(struct buf *out, struct slice text, size_t width)
{
	struct buf visible = {0};
	format_name(&visible, text, width, true);
	put_string(out, &visible);
	buf_free(&visible);
}

void view_json_number(struct buf *out, struct report_number n)
{
	if (n.known)
		buf_printf(out, "%" PRId64, n.value);
	else
		buf_str(out, "null");
}

struct view_json_series view_json_begin(struct buf *out)
{
	buf_char(out, '[');
	return (struct view_json_series){.out = out};
}

static void put_comma(struct view_json_series *s)
{
	if (s->n++ > 0)
		buf_char(s->out, ',');
}

static void put_same(struct view_json_series *s)
{
	if (s->same >= 3) {
		put_comma(s);
		buf_printf(s->out, "[%zu]", s->same);
		s->same = 0;
	}
	for (; s->same > 0; s->same--) {
		put_comma(s);
		buf_char(s->out, '0');
	}
}

void view_json_add(struct view_json_series *s, int64_t value)
{
	if (value == s->last) {
		s->same++;
		return;
	}
	put_same(s);
	put_comma(s);
	buf_printf(s->out, "%" PRId64, value - s->last);
	s->last = value;
}

void view_json_end(struct view_json_series *s)
{
	put_same(s);
	buf_char(s->out, ']');
}

void view_json_numbers(struct buf *out, const uint64_t *value, size_t n)
{
	struct view_json_series s = view_json_begin(out);
	for (size_t i = 0; i < n; i++)
		view_json_add(&s, (int64_t)value[i]);
	view_json_end(&s);
}
