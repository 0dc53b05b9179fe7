/* SPDX-License-Identifier: MIT */
/* Check that a text is JSON. */
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"

struct text {
	const char *p, *end;
	int depth;
};

static void skip_blanks(struct text *t)
{
	while (t->p < t->end && memchr(" \t\r\n", *t->p, 4) != NULL)
		t->p++;
}

static int take(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return 0;
	t->p++;
	return 1;
}

static void take_string(struct text *t)
{
	MUST(take(t, '"'));
	while (!take(t, '"')) {
		size_t n = utf8_length(t->p, (size_t)(t->end - t->p));
		MUST(n > 0);
		if (*t->p != '\\') {
			t->p += n;
			continue;
		}
		MUST(t->end - t->p > 6);
		if (t->p[1] != 'u') {
			MUST(memchr("\"\\/bfnrt", t->p[1], 8) != NULL);
			t->p += 2;
			continue;
		}
		for (int i = 2; i < 6; i++)
			MUST(memchr("0123456789abcdefABCDEF", t->p[i], 22) != NULL);
		t->p += 6;
	}
}

static void take_digits(struct text *t)
{
	const char *start = t->p;
	while (t->p < t->end && *t->p >= '0' && *t->p <= '9')
		t->p++;
	MUST(t->p > start);
}

static void take_number(struct text *t)
{
	(void)take(t, '-');
	if (!take(t, '0'))
		take_digits(t);
	if (take(t, '.'))
		take_digits(t);
}

static void take_value(struct text *t);

static void take_members(struct text *t, char close)
{
	MUST(++t->depth < 16);
	t->p++;
	skip_blanks(t);
	if (take(t, close)) {
		t->depth--;
		return;
	}
	do {
		skip_blanks(t);
		if (close == '}') {
			take_string(t);
			skip_blanks(t);
			MUST(take(t, ':'));
			skip_blanks(t);
		}
		take_value(t);
		skip_blanks(t);
	} while (take(t, ','));
	MUST(take(t, close));
	t->depth--;
}

static void take_value(struct text *t)
{
	static const char *const words[] = {"true", "false", "null"};
	MUST(t->p < t->end);
	if (*t->p == '{' || *t->p == '[') {
		take_members(t, *t->p == '{' ? '}' : ']');
		return;
	}
	if (*t->p == '"') {
		take_string(t);
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(t->end - t->p) >= n && memcmp(t->p, words[i], n) == 0) {
			t->p += n;
			return;
		}
	}
	take_number(t);
}

void fuzz_check_json(const struct buf *out)
{
	struct text t = {out->p, out->p + out->n, 0};
	skip_blanks(&t);
	take_value(&t);
	skip_blanks(&t);
	MUST(t.p == t.end);
	fuzz_check_visible(out, "");
}
