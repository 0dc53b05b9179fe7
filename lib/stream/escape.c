/* SPDX-License-Identifier: MIT */
/* Fields of a stream. */
#include "stream/escape.h"

#include <string.h>

#include "base/utf8.h"

void escape_field(struct buf *b, const char *s, size_t n)
{
	for (;;) {
		const char *backslash = n > 0 ? memchr(s, '\\', n) : NULL;
		size_t before = backslash != NULL ? (size_t)(backslash - s) : n;
		utf8_visible(b, s, before);
		if (backslash == NULL)
			return;
		buf_str(b, "\\\\");
		s += before + 1;
		n -= before + 1;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void escape_decode(struct buf *b, const char *field, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (field[i] != '\\' || i + 1 == n) {
			buf_char(b, field[i]);
			continue;
		}
		char c = field[++i];
		if (c == 't' || c == 'n' || c == '\\') {
			buf_char(b, c == 't' ? '\t' : c == 'n' ? '\n' : '\\');
		} else if (c == 'x' && i + 2 < n && hex_digit(field[i + 1]) >= 0 &&
			   hex_digit(field[i + 2]) >= 0) {
			buf_char(b, (char)(hex_digit(field[i + 1]) << 4 | hex_digit(field[i + 2])));
			i += 2;
		} else {
			buf_char(b, '\\');
			buf_char(b, c);
		}
	}
}
