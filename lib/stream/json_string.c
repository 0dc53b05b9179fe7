/* SPDX-License-Identifier: MIT */
/* Writing the strings of JSON. */
#include "stream/json_string.h"

#include "base/utf8.h"

/* Append the first character of S, of which N bytes are left. Return its length. */
static size_t put_character(struct buf *out, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;
	size_t length = utf8_length(s, n);
	if (length > 0) {
		if (c == '"' || c == '\\')
			buf_char(out, '\\');
		buf_put(out, s, length);
		return length;
	}
	if (c == 0xc2 && n > 1 && ((unsigned char)s[1] & 0xe0) == 0x80) {
		/* U+0080 to U+009F: valid, but not printable */
		buf_printf(out, "\\u%04x", (unsigned char)s[1]);
		return 2;
	}
	if (c < 0x80)
		buf_printf(out, "\\u%04x", c);
	else
		buf_str(out, "\\ufffd");
	return 1;
}

void json_string(struct buf *out, struct slice raw)
{
	buf_char(out, '"');
	for (size_t i = 0; i < raw.n;)
		i += put_character(out, raw.p + i, raw.n - i);
	buf_char(out, '"');
}
