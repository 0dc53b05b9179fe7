/* SPDX-License-Identifier: MIT */
/* Text that a terminal or a reader can show safely. */
#include "base/utf8.h"

#include <stdint.h>

/* The smallest code point of each length. A smaller one in that length is an overlong encoding. */
static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

size_t utf8_length(const char *s, size_t n)
{
	if (n == 0)
		return 0;
	const unsigned char *u = (const unsigned char *)s;
	if (u[0] < 0x80)
		return u[0] >= 0x20 && u[0] != 0x7f;
	size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4 || len > n)
		return 0;
	uint32_t code = u[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3f);
	}
	if (code < smallest[len] || code < 0xa0 || code > 0x10ffff)
		return 0; /* U+0080 to U+009F control terminals too */
	if (code >= 0xd800 && code <= 0xdfff)
		return 0; /* surrogates */
	return len;
}

static void put_hex(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	buf_str(b, "\\x");
	buf_char(b, hex[c >> 4]);
	buf_char(b, hex[c & 15]);
}

void utf8_visible(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = utf8_length(s + i, n - i);
		if (len > 0)
			buf_put(b, s + i, len);
		else if (s[i] == '\t' || s[i] == '\n')
			buf_str(b, s[i] == '\t' ? "\\t" : "\\n");
		else
			put_hex(b, (unsigned char)s[i]);
		i += len > 0 ? len : 1;
	}
}

void utf8_ascii(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x80)
			utf8_visible(b, s + i, 1);
		else
			put_hex(b, (unsigned char)s[i]);
}
