/* SPDX-License-Identifier: MIT */
/* Write any bytes as a field, as visible text, as a name cut to a width, and as CSV. */
#include <string.h>

#include "base/format.h"
#include "base/slice.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "stream/csv.h"
#include "stream/escape.h"

static int same(const struct buf *b, struct slice s)
{
	return b->n == s.n && (s.n == 0 || memcmp(b->p, s.p, s.n) == 0);
}

static void try_field(struct slice raw)
{
	struct buf field = {0}, again = {0};
	escape_field(&field, raw.p, raw.n);
	fuzz_check_visible(&field, "");
	MUST(field.n == 0 || memchr(field.p, '\n', field.n) == NULL);
	escape_decode(&again, field.p, field.n);
	MUST(same(&again, raw));
	again.n = 0;
	csv_text(&again, (struct slice){field.p, field.n});
	buf_str(&again, "\r\n");
	fuzz_check_csv(&again);
	MUST(strchr("=+-@", again.p[0]) == NULL || (again.p[1] >= '.' && again.p[1] <= '9') ||
	     again.p[0] == '-');
	buf_free(&field);
	buf_free(&again);
}

/* Read invalid escapes. */
static void try_unescape(struct slice field)
{
	struct buf raw = {0};
	escape_decode(&raw, field.p, field.n);
	MUST(raw.n <= field.n);
	buf_free(&raw);
}

static void try_seen(struct slice raw)
{
	struct buf text = {0};
	utf8_visible(&text, raw.p, raw.n);
	fuzz_check_visible(&text, "");
	text.n = 0;
	utf8_ascii(&text, raw.p, raw.n);
	for (size_t i = 0; i < text.n; i++)
		MUST(text.p[i] >= ' ' && text.p[i] < 0x7f);
	for (size_t width = 0; width < 24; width += 5) {
		text.n = 0;
		MUST(format_name(&text, raw, width, width % 2 == 0) <= width);
		fuzz_check_visible(&text, "");
	}
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {(const char *)data, size};
	try_field(in);
	try_unescape(in);
	try_seen(in);
	return 0;
}
